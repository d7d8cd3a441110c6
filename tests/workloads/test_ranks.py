"""Runs of two ranks: real relays, real workers, real collectives on the CPU."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

from app.session.planning.plan import Plan, PlannedRun
from tests.conductor import harness
from tests.workloads.forked import ForkedWorker
from tests.workloads.process import Talk, start, talk
from workloads.train.digits_weights import load_digits
from workloads.wire.columns import unpack
from workloads.wire.commands import AnyCommand, SetKnob, Stop, TakeProfile, Try
from workloads.wire.frames import AnyFrame, Hello, Log, Phase, Profile, RunStarted, Score, Steps, Value
from workloads.wire.framing import FrameReader, frame_bytes

RANKS = (sys.executable, str(Path(__file__).with_name("forking_ranks.py")), "--ranks", "2")
"""Forked, and its ranks from it, which spares nine seconds; the session below starts them as any other does."""
SMALL = {"width": 2, "batch": 16, "warmup": 2}
"""44 steps an epoch of 1,437 images on two ranks."""


@dataclass
class Watched:
    """A relay at work, and what it has said so far."""

    process: ForkedWorker
    heard: Talk = field(default_factory=Talk)

    @property
    def pids(self) -> dict[int, int]:
        return {hello.rank: hello.pid for hello in self.heard.of(Hello)}

    def tell(self, command: AnyCommand) -> None:
        assert self.process.stdin
        self.process.stdin.write(frame_bytes(command))
        self.process.stdin.flush()

    def until(self, what: Callable[[AnyFrame], bool]) -> None:
        """Listen up to such a frame, or to the end."""
        for frame in self._frames:
            self.heard.frames.append(frame)
            if what(frame):
                return

    def __post_init__(self) -> None:
        self._frames = self._read()

    def _read(self) -> Iterator[AnyFrame]:
        assert self.process.stdout
        reader = FrameReader()
        while data := self.process.stdout.read1(65_536):
            yield from reader.feed(data)
        assert reader.splitter.pending == 0, "the stream ends in the middle of a frame"


@contextlib.contextmanager
def launched(folder: Path, **settings: str | float) -> Iterator[Watched]:
    with ForkedWorker(RANKS) as process:
        watched = Watched(process)
        watched.tell(start("train/digits", folder, **settings))
        yield watched
        watched.until(lambda frame: False)
        watched.heard.status = process.wait()


def of_rank(talk: Talk, rank: int, name: str) -> list[float]:
    """A column of all steps of one rank, warm-up included."""
    return [
        item
        for frame in talk.of(Steps)
        if frame.rank == rank and (column := getattr(frame, name)) is not None
        for item in unpack(column)
    ]


def is_measuring(frame: AnyFrame) -> bool:
    return isinstance(frame, Phase) and frame.rank == 0 and frame.phase == "measure"


def test_ranks_train_one_model_whole_or_sharded_and_are_stopped_after_the_same_step(tmp_path: Path) -> None:
    sharded = talk(start("train/digits", tmp_path, **SMALL, steps=50, shard="fsdp"), command=RANKS, forked=True)
    weights = load_digits(tmp_path / "weights-1.pt", torch.device("cpu"))
    with launched(tmp_path, **SMALL, steps=1_000_000) as watched:
        # Before the first step: a profile ends with its epoch, and later nobody knows how many steps that has left.
        watched.tell(TakeProfile(steps=3))
        watched.until(lambda frame: isinstance(frame, Profile))
        watched.until(lambda frame: isinstance(frame, Score))
        watched.until(lambda frame: isinstance(frame, Steps) and frame.rank == 1)
        watched.tell(Try(experiment="double-batch"))
        watched.tell(Try(experiment="resident-batch", blocks=2, steps=3))
        watched.tell(SetKnob(name="batch", value=8))
        watched.tell(SetKnob(name="batch", value=0))
        watched.until(lambda frame: isinstance(frame, Log) and frame.text.startswith("batch=0"))
        watched.until(lambda frame: isinstance(frame, Steps) and frame.rank == 1 and 8 in unpack(frame.samples))
        watched.tell(Stop())
    whole = watched.heard

    for heard in (sharded, whole):
        assert heard.errors == ""
        assert {begun.ranks for begun in heard.of(RunStarted)} == {2}
        assert {hello.rank for hello in heard.of(Hello)} == {0, 1}
        assert {frame.rank for frame in heard.of(Score)} == {0}, "said once, by rank 0"
        phases = [[phase.phase for phase in heard.of(Phase) if phase.rank == rank] for rank in (0, 1)]
        assert phases[0] == phases[1] != []
        walls = [of_rank(heard, rank, "wall_ns") for rank in (0, 1)]
        assert len(walls[0]) == len(walls[1]) > 50
        losses = [of_rank(heard, rank, "loss") for rank in (0, 1)]
        assert losses[0] != losses[1], "each trains on images of its own"
        assert not heard.logged("stdout") + heard.logged("stderr"), "launcher and process group stay quiet"

    assert sharded.done.outcome == "done"
    assert len(of_rank(sharded, 0, "wall_ns")) == 2 + 50
    assert [score.step for score in sharded.of(Score)] == [44, 50]
    assert not of_rank(sharded, 0, "comm_ns"), "where a sharded model waits is not known"
    assert weights.net.width == 2

    assert whole.done.outcome == "interrupted"
    profile = whole.one(Profile)
    assert (profile.rank, profile.steps, profile.reason) == (0, 3, "")
    assert (tmp_path / profile.file).is_file()
    assert {phase.rank for phase in whole.of(Phase) if phase.phase == "profile"} == {0, 1}
    refusals = [log.text for log in whole.of(Log) if log.level == "warning"]
    assert refusals == [
        "double-batch is for runs of one rank, and this one has 2",
        "batch=0 is not allowed; allowed: from 1 to 1437",
    ]
    assert whole.of(Score)[0].step == 44
    for rank in (0, 1):
        assert [phase.case for phase in whole.of(Phase) if phase.rank == rank and phase.case] == [
            "plain",
            "resident-batch",
        ] * 2
        assert set(of_rank(whole, rank, "samples")) == {16, 8}
    assert of_rank(whole, 0, "samples") == of_rank(whole, 1, "samples"), "all ranks change at the same step"
    for rank in (0, 1):
        comm, backward = of_rank(whole, rank, "comm_ns"), of_rank(whole, rank, "backward_ns")
        assert len(comm) == len(of_rank(whole, rank, "wall_ns"))
        assert all(0 < part <= full for part, full in zip(comm, backward, strict=True))
        # Equal losses step by step on images of one's own: gradients are averaged alike, and weights stay equal.
        together = zip(of_rank(whole, rank, "loss")[:46], of_rank(sharded, rank, "loss"), strict=False)
        assert all(abs(one - other) < 1e-3 for one, other in together)


def test_a_rank_that_is_killed_ends_the_run_with_its_name_though_another_hangs(tmp_path: Path) -> None:
    with launched(tmp_path, **SMALL, steps=1_000_000) as watched:
        watched.until(is_measuring)
        watched.until(lambda frame: isinstance(frame, Steps) and frame.rank == 1)
        os.kill(watched.pids[0], signal.SIGSTOP)
        os.kill(watched.pids[1], signal.SIGKILL)
    heard = watched.heard
    assert (heard.failure.kind, heard.failure.message) == ("killed", "rank 1 was killed by SIGKILL")
    assert heard.done.outcome == "failed"
    assert heard.status == 1
    assert not heard.logged("stdout") + heard.logged("stderr"), "what the others say then is no news"
    for pid in watched.pids.values():
        harness.until_gone(pid)


def test_no_rank_outlives_the_conductor(tmp_path: Path) -> None:
    # No optimizer: the first one that is made imports torch's compiler, a second on each rank.
    parameters: dict[str, Value] = {"sizes_mib": "1", "threads": 1, "device": "cpu"}
    run = PlannedRun(run=1, workload="probe/allreduce", parameters=parameters, ranks=2, steps=1_000_000)
    waits = (sys.executable, "-P", str(harness.HERE / "sampler.py"), "waits")
    with harness.conducted(tmp_path, Plan(name="ranks", runs=(run,), created_ns=0, sampler=waits)) as (folder, process):
        harness.until(lambda: {f.rank for f in harness.journal(folder) if isinstance(f, Steps)} == {0, 1})
        pids = {f.pid for f in harness.journal(folder) if isinstance(f, Hello) and f.role == "worker"}
        assert len(pids) == 2
        harness.kill(process.pid)
        for pid in pids:
            harness.until_gone(pid)
