"""`benchtop tag`, `note`, `rename`, `rm` and the list by them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from app.cli import DONE, USAGE, main
from app.labelling import editor_of, note_session
from app.removing import remove_sessions
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import SessionBusy, hold_lock
from tests.session.frames import PLAN
from tests.session.store.test_folder import MANIFEST


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionFolder:
    """A session in a home of its own."""
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    made = create_session(tmp_path / "sessions", PLAN)
    made.write_manifest(MANIFEST)
    return made


def test_a_session_is_tagged_noted_renamed_found_and_removed(
    folder: SessionFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> str:
        assert main(words) == DONE
        return capsys.readouterr().out

    assert "#good #nightly" in said("tag", "two-runs", "+good", "nightly", "old", "-old")
    assert said("tag", "two-runs").endswith("#good #nightly\n")
    said("note", "two-runs", "fans", "at", "half", "speed")
    assert said("note", "two-runs", "again") == "fans at half speed\nagain\n"
    assert f"{folder.name[:16]}other is" not in said("rename", "two-runs", "Other")
    (row,) = json.loads(said("ls", "--json", "half", "--tag", "good", "--sort", "size"))
    assert (row["name"][16:], row["tags"], row["note"]) == ("other", ["good", "nightly"], "fans at half speed\nagain")
    assert "#good #nightly  fans at half speed" in said("ls")
    assert "no session is like that" in said("ls", "--tag", "bad")
    assert "removed" in said("rm", "other", "--yes")
    assert "no sessions yet" in said("ls")


def test_without_a_terminal_nothing_is_removed_unasked(
    folder: SessionFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("rm", folder.name)) == USAGE
    assert "--yes" in capsys.readouterr().err
    assert folder.path.is_dir()


def test_removing_asks_with_name_and_size(folder: SessionFolder) -> None:
    asked: list[str] = []

    def no(question: str) -> str:
        asked.append(question)
        return ""

    assert remove_sessions([folder, folder], no) == "nothing is removed"
    (question,) = asked
    assert question.startswith(f"{folder.name}  ")
    assert "B\nremove this session? [y/N] " in question
    with hold_lock(folder), pytest.raises(SessionBusy, match="still running"):
        remove_sessions([folder], lambda _: "y")
    assert "removed" in remove_sessions([folder], lambda _: "y")
    assert not folder.path.exists()


def test_a_note_is_edited_with_the_editor(folder: SessionFolder) -> None:
    write = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text() + 'written\\x1b[31m')"
    note_session(folder, ["first"], editor=None)
    assert note_session(folder, (), editor=(sys.executable, "-c", write)) == "first\nwritten"
    with pytest.raises(ValueError, match="ended with status 3"):
        note_session(folder, (), editor=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(ValueError, match="cannot be started: No such file"):
        note_session(folder, (), editor=("/no/editor",))
    assert note_session(folder, (), editor=None) == "first\nwritten"


def test_the_editor_is_the_persons() -> None:
    assert editor_of({"EDITOR": "nano"}) == ("nano",)
    assert editor_of({"EDITOR": "nano", "VISUAL": "code --wait"}) == ("code", "--wait")
    assert editor_of({}) == ("vi",)
    with pytest.raises(ValueError, match="cannot be taken apart"):
        editor_of({"EDITOR": "'"})
