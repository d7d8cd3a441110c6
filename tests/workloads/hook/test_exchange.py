"""What a rank waits for others is what DDP says of its newest timed steps, and nothing where it does not say it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from workloads.hook import exchange
from workloads.hook.exchange import Exchange
from workloads.hook.patches import Patches

MS = 1_000_000


class Module:
    """As far as it is asked: `logger._get_ddp_logging_data().ints_map`."""

    def __init__(self) -> None:
        self.said = said = dict[str, int]()
        self.logger = SimpleNamespace(_get_ddp_logging_data=lambda: SimpleNamespace(ints_map=said))

    def timed(self, iteration: int, took_ms: int, hidden_ms: int = 0) -> None:
        times = {"backward_comm_time": took_ms * MS, "backward_compute_comm_overlap_time": hidden_ms * MS}
        self.said |= {"iteration": iteration, **times}


@pytest.fixture
def one_rank(tmp_path: Path) -> Iterator[None]:
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def test_what_backward_hides_is_no_wait() -> None:
    module = Module()
    waits = Exchange(module)
    assert waits.wait_ns(0) is None
    module.timed(10, 9, 7)
    assert waits.wait_ns(12) == 2 * MS
    module.timed(100, 0)  # a time that could not be taken
    assert waits.wait_ns(101) == 2 * MS


def test_the_first_make_connections_and_one_odd_step_is_none_like_the_others() -> None:
    module = Module()
    waits = Exchange(module)
    module.timed(1, 5_000)
    assert waits.wait_ns(1) is None
    for iteration, took in ((100, 4), (200, 900), (300, 5)):
        module.timed(iteration, took)
        waits.wait_ns(iteration)
    assert waits.wait_ns(300) == 5 * MS


def test_each_of_several_exchanges_in_a_step_is_waited_for() -> None:
    module = Module()
    waits = Exchange(module)
    module.timed(100, 3)
    assert waits.wait_ns(25) == 12 * MS


def test_a_module_that_is_gone_says_nothing() -> None:
    module = Module()
    waits = Exchange(module)
    module.timed(10, 3)
    del module
    assert waits.wait_ns(10) is None


@pytest.mark.usefixtures("one_rank")
def test_torch_says_it_of_modules_that_were_made_since() -> None:
    here: Any = SimpleNamespace(torch=torch, patches=Patches(), guarded=lambda call: call)
    here.line, here.loop = SimpleNamespace(every_tick=[]), SimpleNamespace(ends=None, steps=0, comm_ns=None)
    plain = DistributedDataParallel._ddp_init_helper
    exchange.listen(here)
    model = DistributedDataParallel(nn.Linear(8, 8))
    for _ in range(4):
        torch.autograd.backward(model(torch.ones(2, 8)).sum())
    (tell,) = here.line.every_tick
    tell()
    assert here.loop.comm_ns is None, "on the processor each backward tells it"
    here.loop.ends, here.loop.steps = object(), 4
    tell()
    told: list[Any] = [here.loop.comm_ns]
    del model.logger
    tell()
    told.append(here.loop.comm_ns)
    assert [type(each) for each in told] == [int, type(None)]
    here.patches.back()
    assert DistributedDataParallel._ddp_init_helper is plain
