"""What a script waits for its data by, as gauges of the last second."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from workloads.hook import cuda
from workloads.hook.patches import Patches
from workloads.hook.waits import Waits

MS = 1_000_000


def test_who_makes_the_data_is_told_as_shares_of_the_last_second() -> None:
    waits = Waits()
    waits.add(100 * MS, 80 * MS, 0, True)
    waits.between_ns, waits.stepped_ns = 50 * MS, 500 * MS
    assert waits.readings() == {
        "loader_workers": 0.0,
        "data_wait_cpu_percent": 80.0,
        "between_steps_percent": 10.0,
    }


def test_what_was_told_is_not_told_again_and_nothing_is_no_zero() -> None:
    waits = Waits()
    waits.add(100 * MS, 80 * MS, 4, True)
    waits.readings()
    assert waits.readings() == {}
    waits.stepped_ns += 400 * MS
    assert waits.readings() == {"between_steps_percent": 0.0}


def test_of_several_loaders_the_one_that_is_waited_for_most_counts() -> None:
    waits = Waits()
    waits.add(10 * MS, 0, 0, True)
    waits.add(90 * MS, 0, 8, True)
    assert waits.readings()["loader_workers"] == 8.0


def test_what_an_evaluation_waits_for_is_left_out_once_gradients_were_on() -> None:
    waits = Waits()
    waits.add(90 * MS, 0, 1, False)
    assert waits.readings()["loader_workers"] == 1.0
    waits.add(10 * MS, 0, 2, True)
    waits.add(90 * MS, 90 * MS, 0, False)
    assert waits.readings() == {"loader_workers": 2.0, "data_wait_cpu_percent": 0.0}


def test_a_cache_that_is_emptied_has_a_share_of_its_own() -> None:
    waits = Waits()
    waits.emptied_ns, waits.stepped_ns = 100 * MS, 500 * MS
    assert waits.readings() == {"between_steps_percent": 0.0, "empty_cache_percent": 20.0}
    waits.stepped_ns += 500 * MS
    assert waits.readings() == {"between_steps_percent": 0.0, "empty_cache_percent": 0.0}


def test_whichever_way_a_cache_is_emptied_it_is_counted_once() -> None:
    clock = iter(range(0, 1_000, 10))

    def emptied_within() -> None:
        memory.empty_cache()

    memory = SimpleNamespace(empty_cache=lambda: None)
    newer = SimpleNamespace(empty_cache=emptied_within)
    torch = SimpleNamespace(
        cuda=SimpleNamespace(memory=memory, empty_cache=memory.empty_cache),
        accelerator=SimpleNamespace(memory=newer, empty_cache=emptied_within),
    )
    loop = SimpleNamespace(clock=lambda: next(clock), emptied_ns=0, waits=Waits(), ends=None)
    here: Any = SimpleNamespace(torch=torch, loop=loop, patches=Patches(), on=True)
    cuda._emptied(here)
    torch.cuda.empty_cache()
    assert loop.emptied_ns == 0, "of a model that is not on CUDA"
    loop.ends = object()
    torch.cuda.empty_cache()
    torch.accelerator.empty_cache()
    assert loop.emptied_ns == loop.waits.emptied_ns == 20
    here.patches.back()
    assert torch.accelerator.empty_cache is newer.empty_cache is emptied_within
