"""Watching real files and real conductors: nothing blocks, nothing is lost, and the end is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.control import ConductorGone, ask
from app.session.folder import SessionFolder, create_session
from app.session.journal import JournalWriter
from app.session.lock import hold_lock
from app.session.watch import Watch
from tests.conductor.harness import conducted, finished, plan_of, until
from tests.session.frames import PLAN, SECOND, hello, measuring, started, steps
from workloads.wire.commands import Status, Stop
from workloads.wire.frames import Done
from workloads.wire.framing import UnknownVersion, frame_bytes

OPENING = (frame_bytes(hello()), frame_bytes(started()), frame_bytes(measuring()))


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 10 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session with a plan and nothing else."""
    return create_session(tmp_path, PLAN)


def write(folder: SessionFolder, *data: bytes) -> None:
    """Append to the journal as a conductor does."""
    journal = JournalWriter(folder.journal)
    for piece in data:
        journal.append(piece)
    journal.close()


def test_a_journal_is_followed_from_before_it_exists(folder: SessionFolder) -> None:
    clock = Clock()
    watch = Watch.follow(folder, clock)
    assert watch.look(clock()).state == "starting"
    write(folder, *OPENING)
    assert watch.look(clock()).state == "running"
    whole = frame_bytes(steps(0, 10))
    write(folder, whole[:7])
    assert watch.look(clock()).current is not None
    write(folder, whole[7:])
    current = watch.look(clock()).current
    assert current is not None
    assert current.steps == 10
    watch.close()


def test_a_conductor_that_is_gone_without_an_end_is_noticed(folder: SessionFolder) -> None:
    clock = Clock()
    write(folder, frame_bytes(hello()))
    watch = Watch.follow(folder, clock)
    with hold_lock(folder):
        clock.now += SECOND
        assert watch.look(clock()).state == "running"
        assert watch.live
    clock.now += SECOND
    view = watch.look(clock())
    assert view.state == "lost"
    assert "conductor is gone" in view.notices[0]
    with pytest.raises(ConductorGone, match="does not answer"):
        watch.command(Stop())
    watch.close()


def test_a_damaged_journal_shows_what_was_whole(folder: SessionFolder) -> None:
    write(folder, frame_bytes(hello()), b"\xff" * 100, frame_bytes(Done(at_ns=1)))
    watch = Watch.follow(folder, Clock())
    view = watch.look(0)
    assert view.host == "here"
    assert "cannot be read" in view.notices[0]
    watch.close()


def test_a_journal_of_another_version_is_refused_in_words(folder: SessionFolder) -> None:
    later = type(hello())(role="conductor", pid=1, host="x", monotonic_ns=0, wall_ns=0, version=99)
    write(folder, frame_bytes(later))
    watch = Watch.follow(folder, Clock())
    with pytest.raises(UnknownVersion, match="version 99"):
        watch.look(0)
    watch.close()


def test_a_long_journal_is_read_in_bounded_looks_that_say_how_far_they_are(folder: SessionFolder) -> None:
    write(folder, *OPENING)
    write(folder, *[frame_bytes(steps(n * SECOND, 10)) for n in range(20_000)])
    watch = Watch.follow(folder)
    first = watch.look(0, budget_s=0.0)
    assert first.catching_up is not None
    assert 0 < first.catching_up < 1
    looks = 1
    while watch.look(0, budget_s=0.0).catching_up is not None:
        looks += 1
    current = watch.look(0).current
    assert current is not None
    assert current.steps == 200_000
    assert looks > 1
    watch.close()


def test_a_finished_session_looks_like_the_journal_that_it_was(tmp_path: Path) -> None:
    done = finished(tmp_path, plan_of("works"))
    watch = Watch.open(done)
    until(lambda: watch.look(0).state == "done")
    view = watch.look(0)
    assert view.current is not None
    assert view.current.state == "done"
    assert view.current.steps == 20
    assert not watch.live
    watch.close()


def test_following_a_session_that_was_finished_meanwhile_opens_it(tmp_path: Path) -> None:
    watch = Watch.follow(finished(tmp_path, plan_of("works")))
    until(lambda: watch.look(0).state == "done")
    watch.close()


def test_a_session_is_watched_while_it_is_finished_and_its_journal_removed(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, process):
        watch = Watch.follow(folder)
        until(lambda: watch.look(0).current)
        assert watch.command(Status()).pid == process.pid
        watch.command(Stop())
        process.wait(30)
    until(lambda: watch.look(0).state == "interrupted")
    assert not folder.journal.exists()
    watch.close()


def test_commands_reach_a_conductor_under_a_path_longer_than_a_socket_address(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with conducted(home, plan_of("waits")) as (folder, process):
        assert len(str(folder.control)) > 108
        assert ask(folder, Status()).pid == process.pid
        assert folder.control.stat().st_mode & 0o777 == 0o600
