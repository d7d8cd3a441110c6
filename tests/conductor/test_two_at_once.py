"""Two at one session, as real processes: neither harms the other, nor the session."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.analysis.load import load
from app.conductor.spawn import StartingConductor
from app.pruning import prune, rules_of
from app.recovery import is_interrupted, recovered
from app.session.playing.player import Player
from app.session.shelf.removal import SessionLookedAt
from app.session.shelf.renaming import rename_session
from app.session.sources.control import ask, short_path
from app.session.sources.watch import Watch
from app.session.store.folder import SessionFolder, create_session
from tests.conductor.harness import LIMIT_S, conducted, journal, kill, plan_of, until, until_gone
from workloads.wire.commands import SetKnob, Status, Stop
from workloads.wire.frames import Log, Steps


def module(name: str, folder: SessionFolder) -> subprocess.Popen[str]:
    """One of benchtop's processes at a session."""
    command = [sys.executable, "-P", "-m", name, str(folder.path)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until_seen(watch: Watch, state: str) -> None:
    """Return once it shows that."""
    until(lambda: watch.look(0).state == state)


def refusal(process: subprocess.Popen[str]) -> str:
    """Its one line."""
    said, complaint = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    (line,) = complaint.splitlines()
    assert not said
    return line


def test_who_comes_second_to_a_session_that_runs_is_refused_and_two_may_watch(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, conductor):
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        before = folder.journal.read_bytes()
        late = module("app.conductor", folder), module("app.analysis.finishing.finish", folder)
        watches = Watch.follow(folder), Watch.follow(folder)
        assert all("still running" in refusal(process) for process in late)
        assert "it is running" in prune(tmp_path, rules_of(None, None, 0), yes=True, as_json=False)
        assert ask(folder, Status()).pid == conductor.pid
        assert folder.journal.read_bytes().startswith(before)
        ask(folder, Stop())
        conductor.wait(LIMIT_S)
        for watch in watches:
            until_seen(watch, "interrupted")
            watch.close()
    assert folder.read_manifest().recovery is None
    again = module("app.conductor", folder)
    assert "was begun before" in refusal(again)
    assert not folder.journal.exists()


def test_two_that_recover_one_session_leave_it_whole_and_a_screen_keeps_it(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, conductor):
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        kill(conductor.pid)
        conductor.wait(LIMIT_S)
    until_gone(conductor.pid)
    assert "was begun before" in refusal(module("app.conductor", folder))
    both = module("app.analysis.finishing.finish", folder), module("app.analysis.finishing.finish", folder)
    said = [process.communicate(timeout=LIMIT_S)[1] for process in both]
    assert all("still running" in line for line in said if line)
    assert 0 in [process.returncode for process in both]
    assert len(load(folder).tables["steps"].collect()) == 20
    player = Player(folder)
    assert "open on a screen" in prune(tmp_path, rules_of(None, None, 0), yes=True, as_json=False)
    player.close()
    assert "removed 1 of 1" in prune(tmp_path, rules_of(None, None, 0), yes=True, as_json=False)
    assert list(tmp_path.iterdir()) == []


def test_who_meets_a_session_that_is_about_to_begin_lets_it(tmp_path: Path) -> None:
    folder = create_session(tmp_path, plan_of("works"))
    recovered(folder, required=False)
    assert "it has just begun" in prune(tmp_path, rules_of(None, None, 0), yes=True, as_json=False)
    starting = StartingConductor(folder)
    starting.wait_ready()
    starting.process.wait(LIMIT_S)
    assert folder.read_manifest().outcome == "done"
    folder.manifest.unlink()
    assert is_interrupted(folder), "its plan is young, but it has begun"


def test_what_two_ask_of_a_run_at_once_is_all_heard_and_a_screen_that_followed_keeps_the_name(
    tmp_path: Path,
) -> None:
    with conducted(tmp_path, plan_of("starves")) as (folder, conductor):
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        watch = Watch.follow(folder)

        def turn(sizes: range) -> bool:
            return all(ask(folder, SetKnob(name="batch", value=size)).accepted for size in sizes)

        with ThreadPoolExecutor() as viewers:
            assert all(viewers.map(turn, (range(1, 21), range(21, 41))))

        def heard() -> list[str]:
            return sorted(frame.text for frame in journal(folder) if isinstance(frame, Log) and "SetKnob" in frame.text)

        until(lambda: len(heard()) >= 40)
        assert heard() == sorted(repr(SetKnob(name="batch", value=size)) for size in range(1, 41))
        ask(folder, Stop())
        conductor.wait(LIMIT_S)
    until_seen(watch, "done")
    until(lambda: not watch.live)
    with pytest.raises(SessionLookedAt, match="open on a screen"):
        rename_session(folder, "another name")
    watch.close()
    moved = rename_session(folder, "another name")
    assert len(load(moved).tables["steps"].collect()) == 120


def test_who_is_connected_and_silent_when_the_conductor_ends_makes_it_complain_of_nothing(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, conductor), socket.socket(socket.AF_UNIX) as silent:
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        with short_path(folder) as path:
            silent.connect(path)
        ask(folder, Stop())
        conductor.wait(LIMIT_S)
        assert folder.conductor_log.read_text() == ""
    assert folder.read_manifest().outcome == "interrupted"
