"""Which process is heard as whom, and what of it becomes a run."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from workloads.exec.hearing import Line
from workloads.exec.telling import Telling
from workloads.hook.messages import Unpacker, packed_rows
from workloads.wire.columns import unpack
from workloads.wire.frames import AnyFrame, Hello, Log, Phase, Requests, RunStarted, Steps

STARTED = RunStarted(
    at_ns=1,
    workload="exec",
    parameters={"command": "torchrun train.py"},
    repeat=1,
    seed=0,
    device="",
    device_name="",
    precision="",
    unit="step",
)


class Heard:
    """A run, and processes that speak in it."""

    def __init__(self, folder: Path) -> None:
        self.frames: list[AnyFrame] = []
        self.telling = Telling(STARTED, self.frames.append, str(folder))
        self.sockets: list[socket.socket] = []

    def process(self, **hello: Any) -> Line:
        """One that says hello."""
        ours, theirs = socket.socketpair()
        self.sockets += [ours, theirs]
        line = Line(ours)
        self.say(line, kind="hello", pid=1, argv=["python", "train.py"], device="cuda:0", **hello)
        return line

    def say(self, line: Line, **header: Any) -> None:
        self.telling.take(line, json.dumps(header).encode(), b"")

    def work(self, line: Line, phase: str = "measure", count: int = 5, *, kind: str = "steps", **more: Any) -> None:
        """It enters a phase and does something."""
        self.say(line, kind="phase", at_ns=time.monotonic_ns(), phase=phase)
        now = time.monotonic_ns()
        names: tuple[str, ...] = ("start_ns", "wall_ns", "samples")
        row: tuple[int, ...] = (now, 10, 8)
        if kind == "requests":
            names = ("scheduled_ns", "sent_ns", "first_ns", "done_ns", "samples", "outcome")
            row = (now, now, now + 5, now + 5, 8, 0)
        message = packed_rows(kind, names, [row] * count, more=more)
        for header, body in Unpacker().feed(message):
            self.telling.take(line, header, body)

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    @property
    def started(self) -> RunStarted:
        started: RunStarted = self.of(RunStarted)[-1]
        return started


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    heard = Heard(tmp_path)
    yield heard
    for each in heard.sockets:
        with closing(each):
            pass


def test_ranks_are_those_of_the_launcher(heard: Heard) -> None:
    second, first = heard.process(rank=9, local_rank=1, world_size=16), heard.process(rank=8, local_rank=0)
    for line in (second, first):
        heard.work(line)
    assert [frame.rank for frame in heard.of(Steps)] == [1, 0]
    assert [frame.rank for frame in heard.of(Hello)] == [1, 0]
    assert heard.started.ranks == 2, "those of this host"
    assert not heard.started.apart


def test_processes_without_ranks_get_the_lowest_that_is_free(heard: Heard) -> None:
    first, second = heard.process(), heard.process()
    heard.work(first)
    heard.work(second)
    heard.telling.lost(first, "")
    heard.work(heard.process())
    assert [frame.rank for frame in heard.of(Steps)] == [0, 1, 0]
    assert heard.started.ranks == 2
    assert heard.started.apart, "they know nothing of each other"


def test_a_process_with_the_rank_of_another_is_left_out_while_that_lives(heard: Heard) -> None:
    first, child = heard.process(rank=0), heard.process(rank=0)
    heard.work(first)
    heard.work(child)
    assert len(heard.of(Steps)) == 1
    assert any("bears a rank that another has" in log.text for log in heard.of(Log))
    heard.telling.lost(first, "")
    heard.work(heard.process(rank=0))
    assert len(heard.of(Steps)) == 2


COUNTED = {"at_ns": 1, "samples": 8, "operators": 90, "bytes": 1_600, "flops": 800, "precision": "bfloat16"}


def test_what_a_step_was_is_told_of_each_unit_and_against_the_peak_of_its_arithmetic(heard: Heard) -> None:
    first, second = heard.process(device_name="NVIDIA H200", precision="float32"), heard.process()
    heard.work(first)
    heard.work(second)
    assert (heard.started.flops_per_unit, heard.started.operators_per_step) == (None, None)
    heard.say(second, kind="work", **COUNTED | {"operators": 7})
    assert heard.started.operators_per_step is None, "the first says it for all"
    heard.say(first, kind="work", **COUNTED)
    started = heard.started
    assert (started.flops_per_unit, started.bytes_per_unit, started.operators_per_step) == (100, 200, 90)
    assert (started.precision, started.limit_flops_per_s) == ("bfloat16", 989.4e12), (
        "what autocast makes of the weights"
    )
    heard.telling.lost(first, "")
    heard.work(second)
    assert heard.started.operators_per_step == 7


def test_flops_that_nobody_could_count_are_absent(heard: Heard) -> None:
    line = heard.process(device_name="NVIDIA H200")
    heard.work(line)
    heard.say(line, kind="work", **COUNTED | {"flops": None, "precision": None})
    assert (heard.started.flops_per_unit, heard.started.limit_flops_per_s) == (None, None)
    assert heard.started.operators_per_step == 90


def test_a_process_that_says_hello_and_does_nothing_is_no_rank(heard: Heard) -> None:
    heard.process()
    heard.telling.end(9)
    assert [(phase.phase, phase.at_ns) for phase in heard.of(Phase)] == [("measure", 1), ("cooldown", 10)]
    assert not heard.of(Hello)


def test_what_comes_behind_the_last_step_is_no_measuring(heard: Heard) -> None:
    line = heard.process()
    heard.work(line, "warmup")
    heard.work(line)
    heard.telling.lost(line, "")
    assert [phase.phase for phase in heard.of(Phase)] == ["warmup", "measure", "cooldown"]
    assert heard.telling.measured == 5


def test_a_run_is_of_steps_or_of_requests_whichever_comes_first(heard: Heard) -> None:
    line = heard.process()
    heard.work(line)
    heard.work(line, kind="requests")
    heard.telling.end(9)
    assert not heard.of(Requests)
    assert any("left out" in log.text for log in heard.of(Log))


def test_passes_of_an_inference_loop_are_evidence_and_no_work(heard: Heard) -> None:
    line = heard.process()
    heard.work(line, inference=True)
    heard.work(line, kind="requests")
    (steps,) = heard.of(Steps)
    (requests,) = heard.of(Requests)
    assert steps.passes
    assert list(unpack(requests.samples)) == [8] * 5
    assert heard.telling.measured == 5
    assert heard.started.unit == "sample"
