"""A run that is shared among hosts: a process on each, one outcome, and readings of all of them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.planning import RunRequest, make_plan
from app.session.planning.via import sampler_places, worker_places
from app.session.sources.control import ask
from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalReader
from tests.conductor.harness import conducted, journal, until, until_gone
from workloads.wire.commands import Stop
from workloads.wire.frames import AnyFrame, ClockAligned, Done, Failure, Gauges, Hello, RunStarted, Steps

RELAY = (sys.executable, "-P", str(Path(__file__).with_name("relay.py")))


@contextlib.contextmanager
def shared(home: Path, nodes: str) -> Iterator[tuple[SessionFolder, subprocess.Popen[bytes], list[AnyFrame]]]:
    """A session on these nodes, and all frames of it once the block asks for them and it has ended."""
    request = RunRequest(workloads=("train/digits",), nodes=nodes, via="env NODE={node}", rendezvous="here:1234")
    plan = replace(make_plan(request, time.time_ns()), launcher=RELAY)
    frames: list[AnyFrame] = []
    with conducted(home, plan) as (folder, process), folder.journal.open("rb") as held:
        yield folder, process, frames
        process.wait(60)
        frames += JournalReader(Path(f"/proc/self/fd/{held.fileno()}"))


def of_run(frames: list[AnyFrame], kind: type[AnyFrame]) -> list[AnyFrame]:
    """Frames of a kind that belong to the run."""
    return [frame for frame in frames if isinstance(frame, kind) and frame.run == 1]


def test_nodes_that_are_all_done_make_one_run_that_is_done(tmp_path: Path) -> None:
    with shared(tmp_path, "waits,works") as (folder, _, frames):
        # The first goes on until every host was read, and the second is done long before.
        until(lambda: {"host", "node2:host"} <= {f.device for f in journal(folder) if isinstance(f, Gauges)})
        until(lambda: {0, 1} <= {f.rank for f in journal(folder) if isinstance(f, Steps)})
        assert not [f for f in journal(folder) if isinstance(f, Done)]
        ask(folder, Stop())
    (started,) = of_run(frames, RunStarted)
    assert isinstance(started, RunStarted)
    assert (started.ranks, started.parameters["rendezvous"]) == (2, "here:1234")
    assert {frame.rank for frame in of_run(frames, Steps)} == {0, 1}
    (done,) = of_run(frames, Done)
    assert isinstance(done, Done)
    assert (done.outcome, done.dropped) == ("interrupted", 6), "the worst of both, and all that is missing"
    assert [clock.role for clock in frames if isinstance(clock, ClockAligned)].count("worker") == 2

    session = LiveSession(folder.read_plan())
    for frame in frames:
        session.feed(frame)
    shown = session.view(session.newest_ns)
    assert shown.host_device.readings
    assert not shown.gpus, "another node's host is no accelerator"


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("waits,fails", "rank 1: it broke"),
        ("unreachable,waits", "No route to host: `env NODE=unreachable` ended with status 1"),
    ],
)
def test_a_node_that_fails_ends_the_others_and_its_message_is_the_runs(tmp_path: Path, nodes: str, words: str) -> None:
    with shared(tmp_path, nodes) as (folder, _, frames):
        pass
    (failure,) = of_run(frames, Failure)
    assert isinstance(failure, Failure)
    assert words in failure.message
    (done,) = of_run(frames, Done)
    assert isinstance(done, Done)
    assert done.outcome == "failed"
    assert folder.read_manifest().outcome == "failed"
    for frame in frames:
        if isinstance(frame, Hello) and frame.role == "worker":
            until_gone(frame.pid)


def plan_words(**options: object) -> str:
    """Why a request cannot be planned."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the words are what is looked at
        make_plan(RunRequest(workloads=("train/digits",), **options), 0)  # type: ignore[arg-type]
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_what_cannot_be_nodes_is_refused_in_one_line() -> None:
    assert "a comma between" in plan_words(nodes="a,,b")
    assert "a comma between" in plan_words(nodes="a b")
    assert "a is there twice" in plan_words(nodes="a,b,a")
    assert "write {node}" in plan_words(nodes="a,b", via="env")
    assert "--nodes, which is not given" in plan_words(via="env NODE={node}")
    assert "--nodes, which is not given" in plan_words(rendezvous="a:1")
    assert "HOST:PORT" in plan_words(nodes="a,b", via="env {node}", rendezvous="a")


def test_each_node_has_its_number_and_all_meet_at_the_first() -> None:
    request = RunRequest(workloads=("train/digits",), nodes="me@one, two", via="env {node}", ranks=4)
    plan = make_plan(request, 0)
    first, second = (place.command for place in worker_places(plan, plan.runs[0]))
    assert first[:2] == ("env", "me@one")
    assert second[:2] == ("env", "two")
    assert " ".join(second).endswith("--ranks 4 --nodes 2 --node 1 --rendezvous one:29400 --align")
    samplers = [" ".join(place.command) for place in sampler_places(plan)]
    assert ["--node" in command for command in samplers] == [False, True]
    assert samplers[1].endswith("--node node2 --align")
