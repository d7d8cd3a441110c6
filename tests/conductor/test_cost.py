"""What benchtop itself costs is in the journal: the conductor's own, and what a viewer tells it."""

from __future__ import annotations

from pathlib import Path

from app.own_cost import own_cost
from app.session.live.viewer_cost import EVERY_NS, Telling, tell_cost
from app.session.sources.control import ask
from tests.conductor.harness import conducted, journal, plan_of, until
from workloads.wire.commands import AnyCommand, Cost, Reply, Stop
from workloads.wire.frames import Overhead


def test_the_conductor_writes_what_a_viewer_tells_and_at_its_end_its_own(tmp_path: Path) -> None:
    cost = Cost(pid=7, cpu_s=0.5, wall_s=20.0, bytes_to_terminal=4000)
    with conducted(tmp_path, plan_of("waits")) as (folder, process):
        assert ask(folder, cost).accepted
        until(lambda: any(isinstance(frame, Overhead) for frame in journal(folder)))
        (told,) = (frame for frame in journal(folder) if isinstance(frame, Overhead))
        assert ask(folder, Stop()).accepted
        process.wait(30)
    assert (told.role, told.pid, told.cpu_s, told.wall_s, told.bytes_to_terminal) == ("viewer", 7, 0.5, 20.0, 4000)
    viewer, conductor = folder.read_manifest().overheads
    assert viewer == told
    assert (conductor.role, conductor.pid) == ("conductor", process.pid)
    assert conductor.cpu_s > 0
    assert conductor.wall_s > 0


def test_a_viewer_tells_now_and_then_and_minds_nobody_who_does_not_listen() -> None:
    told: list[AnyCommand] = []

    def listen(command: AnyCommand) -> Reply:
        told.append(command)
        return Reply(accepted=True, pid=1)

    telling = Telling(100)
    due = [telling.is_due(now) for now in (100, 99 + EVERY_NS, 100 + EVERY_NS, 101 + EVERY_NS, 100 + 2 * EVERY_NS)]
    assert due == [False, False, True, False, True]
    tell_cost(listen, 12)
    (cost,) = told
    assert isinstance(cost, Cost)
    assert (cost.bytes_to_terminal, cost.cpu_s > 0, cost.wall_s > 0) == (12, True, True)


def test_without_a_kernel_that_tells_of_processes_time_counts_from_the_import(tmp_path: Path) -> None:
    assert 0 <= own_cost(tmp_path).wall_s <= own_cost().wall_s
