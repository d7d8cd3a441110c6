"""Watching real files and real conductors: nothing blocks, nothing is lost, and the end is seen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.finishing.finish import finish
from app.session.shelf.removal import SessionLookedAt, remove_session
from app.session.sources.control import ConductorGone
from app.session.sources.replaying import Replay
from app.session.sources.watch import ASK_NS, Watch
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalWriter
from app.session.store.lock import hold_lock
from app.session.store.manifest import Manifest
from tests.conductor.harness import conducted, finished, is_alive, plan_of, until
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
    assert view.state == "done"
    assert "a part of this session cannot be read: damaged at byte" in view.notices[0]
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


def test_while_the_past_is_read_the_view_is_of_the_past_and_cries_no_silence(folder: SessionFolder) -> None:
    write(folder, *OPENING, *[frame_bytes(steps(n * SECOND, 10)) for n in range(4_000)])
    watch = Watch.follow(folder)
    with hold_lock(folder):
        first = watch.look(9_000 * SECOND, budget_s=0.0)
        assert first.catching_up is not None
        assert first.now_ns < 4_000 * SECOND
        assert not [notice for notice in first.notices if "no frame" in notice]
        while watch.look(9_000 * SECOND, budget_s=0.0).catching_up is not None:
            pass
        now = watch.look(9_000 * SECOND)
    watch.close()
    assert now.now_ns == 9_000 * SECOND
    assert "no frame from train/digits for 5000 s — k ends it" in now.notices


@settings(max_examples=15, deadline=None)
@given(lengths=st.lists(st.integers(min_value=1, max_value=300), max_size=12))
def test_a_journal_that_grows_in_any_pieces_gives_the_same_view(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int]
) -> None:
    folder = create_session(tmp_path_factory.mktemp("cut"), PLAN)
    stream = b"".join((*OPENING, frame_bytes(steps(0, 40)), frame_bytes(Done(run=1, at_ns=5 * SECOND))))
    clock, begin = Clock(), 0
    watch = Watch.follow(folder, clock)
    for length in (*lengths, len(stream)):
        write(folder, stream[begin : begin + length])
        watch.look(9 * SECOND)
        begin += length
    clock.now += ASK_NS
    whole = Watch.follow(folder, Clock())
    with hold_lock(folder):
        assert watch.look(9 * SECOND) == whole.look(9 * SECOND)
    watch.close()
    whole.close()


def test_a_conductor_that_died_before_it_wrote_anything_is_noticed(folder: SessionFolder) -> None:
    clock = Clock()
    watch = Watch.follow(folder, clock)
    assert watch.look(clock()).state == "starting"
    clock.now += SECOND
    assert watch.look(clock()).state == "lost"
    watch.close()


def test_a_run_that_its_conductor_left_alone_is_not_shown_as_running(folder: SessionFolder) -> None:
    clock = Clock()
    write(folder, *OPENING)
    watch = Watch.follow(folder, clock)
    clock.now += SECOND
    current = watch.look(clock()).current
    assert current is not None
    assert current.state == "interrupted"
    watch.close()


def test_a_journal_that_may_not_be_read_is_said(folder: SessionFolder) -> None:
    folder.journal.mkdir()
    watch = Watch.follow(folder, Clock())
    (notice,) = watch.look(0).notices
    assert "cannot be read" in notice
    assert str(folder.journal) in notice
    watch.close()


def test_an_open_journal_is_read_to_its_end_after_it_was_removed(folder: SessionFolder) -> None:
    write(folder, *OPENING)
    watch = Watch.follow(folder, Clock())
    watch.look(0)
    write(folder, frame_bytes(steps(0, 10)), frame_bytes(Done(at_ns=SECOND)))
    folder.journal.unlink()
    view = watch.look(0)
    assert view.state == "done"
    assert view.now_ns == SECOND, "of a session that is over, the charts end where it ended"
    watch.close()


def test_a_folder_without_a_plan_is_refused_in_words(tmp_path: Path) -> None:
    for make in (Watch.follow, Watch.open):
        with pytest.raises(ValueError, match=r"plan\.json is not there"):
            make(SessionFolder(tmp_path))


def saved(folder: SessionFolder, *, seconds: int = 100) -> SessionFolder:
    """As a finished session: a manifest, and neither journal nor plan."""
    folder.write_manifest(
        Manifest(plan=PLAN, outcome="done", started_ns=1000 * SECOND, ended_ns=(1000 + seconds) * SECOND)
    )
    folder.plan.unlink()
    return folder


def replays(script: str) -> tuple[str, ...]:
    """A process in the place of the one that reads tables."""
    return (sys.executable, "-c", f"import sys, os, time\nout = sys.stdout.buffer\n{script}")


def test_a_replay_is_read_as_it_comes_and_says_how_far_it_is(folder: SessionFolder, tmp_path: Path) -> None:
    first, rest, go = tmp_path / "first", tmp_path / "rest", tmp_path / "go"
    os.mkfifo(go)
    first.write_bytes(b"".join((*OPENING, frame_bytes(steps(0, 250)))))
    rest.write_bytes(b"".join((frame_bytes(steps(25 * SECOND, 750)), frame_bytes(Done(at_ns=100 * SECOND)))))
    script = f"out.write(open({str(first)!r}, 'rb').read()); out.flush(); open({str(go)!r}).read()\n"
    script += f"out.write(open({str(rest)!r}, 'rb').read())"
    watch = Watch.open(saved(folder), replay=replays(script))
    until(lambda: watch.look(0).catching_up)
    view = watch.look(0)
    assert view.catching_up == pytest.approx(0.25)
    assert view.state == "running"
    assert view.now_ns == 25 * SECOND
    go.write_text("on")
    until(lambda: watch.look(0).catching_up is None)
    view = watch.look(12345 * SECOND)
    assert (view.state, view.now_ns) == ("done", 100 * SECOND)
    assert not view.notices
    assert view.saved_bytes == folder.manifest.stat().st_size
    watch.close()


def test_a_replay_that_fails_is_said_in_its_last_words_however_much_it_printed(folder: SessionFolder) -> None:
    script = "sys.stderr.write('x' * 1_000_000 + '\\nsteps.parquet \\x1b[31mis damaged\\n'); sys.exit(1)"
    watch = Watch.open(saved(folder), replay=replays(script))
    until(lambda: watch.look(0).notices)
    assert watch.look(0).notices[0] == "the rest of this session cannot be read: steps.parquet is damaged"
    assert watch.look(0).catching_up is None
    watch.close()


def test_a_replay_that_sends_garbage_is_a_notice(folder: SessionFolder) -> None:
    watch = Watch.open(saved(folder), replay=replays("out.write(b'garbage' * 100)"))
    until(lambda: watch.look(0).notices)
    assert "damaged at byte 0" in watch.look(0).notices[0]
    watch.close()


def test_a_replay_that_hangs_is_ended_with_its_viewer(folder: SessionFolder) -> None:
    watch = Watch.open(saved(folder), replay=replays("time.sleep(1000)"))
    assert watch.look(0).catching_up == 0.0
    assert isinstance(watch._source, Replay)
    pid = watch._source._process.pid
    watch.close()
    assert not is_alive(pid)


def test_a_manifest_that_is_damaged_is_refused_in_words(folder: SessionFolder) -> None:
    folder.manifest.write_text("{")
    with pytest.raises(ValueError, match=r"manifest\.json cannot be read"):
        Watch.open(folder)


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


def test_a_session_that_ended_while_it_was_followed_is_not_removed_before_it_is_closed(folder: SessionFolder) -> None:
    with hold_lock(folder):
        clock = iter(range(0, 1 << 40, 2_000_000_000))
        watch = Watch.follow(folder, lambda: next(clock))
        states = [watch.live]
    finish(folder)
    assert [*states, watch.live] == [True, False]
    with pytest.raises(SessionLookedAt):
        remove_session(folder)
    watch.close()
    remove_session(folder)
    assert not folder.path.exists()
