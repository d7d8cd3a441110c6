"""The lock: who holds it writes the session; it goes with its holder, and asking for it disturbs nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import SessionBusy, hold_lock, is_locked
from tests.session.frames import PLAN

HOLD = (
    "import sys; from pathlib import Path\n"
    "from app.session.store.folder import SessionFolder; from app.session.store.lock import hold_lock\n"
    "with hold_lock(SessionFolder(Path(sys.argv[1]))):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


def holder(folder: SessionFolder) -> subprocess.Popen[str]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_it_is_held_while_the_block_lasts(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    assert not is_locked(folder)
    with hold_lock(folder):
        assert is_locked(folder)
    assert not is_locked(folder)
    with hold_lock(folder):
        assert is_locked(folder)


def test_a_second_writer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with hold_lock(folder), pytest.raises(SessionBusy, match=f"benchtop attach {folder.name}"), hold_lock(folder):
        pass


def test_it_goes_with_a_holder_that_was_killed(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with holder(folder) as process:
        assert is_locked(folder)
        with pytest.raises(SessionBusy), hold_lock(folder):
            pass
        process.kill()
        process.wait()
        assert not is_locked(folder)


def test_an_exception_in_the_block_lets_go_of_it(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with pytest.raises(KeyError), hold_lock(folder):
        raise KeyError
    assert not is_locked(folder)


def test_what_a_holder_starts_does_not_keep_it(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with hold_lock(folder):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert not is_locked(folder)
    child.communicate()


def test_a_folder_that_is_not_there_is_not_locked(tmp_path: Path) -> None:
    nowhere = SessionFolder(tmp_path / "nowhere")
    assert not is_locked(nowhere)
    with pytest.raises(OSError, match="nowhere"), hold_lock(nowhere):
        pass
