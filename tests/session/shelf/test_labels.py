"""Tags, notes and names of sessions: kept whole, bounded, and never written where nothing may be."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.pack.cache import cache_home
from app.session.pack.members import kind_of
from app.session.shelf.labels import (
    LARGEST_NOTE,
    MOST_TAGS,
    changed_tags,
    note_path,
    read_note,
    read_tags,
    tags_path,
    write_note,
    write_tags,
)
from app.session.shelf.removal import SessionLookedAt, looked_at
from app.session.shelf.renaming import rename_session
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import SessionBusy, hold_lock
from tests.session.frames import PLAN
from tests.session.store.test_folder import MANIFEST


def test_tags_come_and_go() -> None:
    assert changed_tags(("bad", "old"), ("+good", "-bad", "nightly")) == ("old", "good", "nightly")
    assert changed_tags(("good",), ("+good",)) == ("good",)
    assert changed_tags((), ("-good",)) == ()


@pytest.mark.parametrize("tag", ["", "+", "a b", "x" * 41, "\x1b[31m", "a\n", "--x"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="can be no tag"):
        changed_tags((), (tag,))


def test_tags_and_a_note_are_kept_in_files_that_travel(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    assert (read_tags(folder), read_note(folder)) == ((), "")
    assert write_tags(folder, ["b", "a", "b"]) == ("a", "b")
    write_note(folder, "  one\n\ntwo  ")
    assert (read_tags(folder), read_note(folder)) == (("a", "b"), "one\n\ntwo\n")
    assert {kind_of(path.name) for path in (tags_path(folder), note_path(folder))} == {"text"}
    assert {path.stat().st_mode & 0o777 for path in (tags_path(folder), note_path(folder))} == {0o600}
    write_tags(folder, ())
    write_note(folder, " ")
    assert sorted(path.name for path in folder.path.iterdir()) == ["plan.json"]


def test_there_are_limits(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with pytest.raises(ValueError, match=f"takes {MOST_TAGS} tags"):
        write_tags(folder, map(str, range(MOST_TAGS + 1)))
    with pytest.raises(ValueError, match="a note takes 64 KiB"):
        write_note(folder, "x" * LARGEST_NOTE)


@pytest.mark.parametrize("damage", [b"{", b'{"tags":["\\u001b[31m"]}', b"\xff", b"[" * 9000])
def test_damaged_tags_are_one_line(tmp_path: Path, damage: bytes) -> None:
    folder = create_session(tmp_path, PLAN)
    tags_path(folder).write_bytes(damage)
    with pytest.raises(ValueError, match=r"^[^\n]*$"):
        read_tags(folder)


@given(st.binary() | st.lists(st.text()).map(lambda tags: msgspec.json.encode({"tags": tags})))
def test_whatever_the_files_hold_is_tags_or_one_line(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = SessionFolder(Path(place))
        tags_path(folder).write_bytes(data)
        note_path(folder).write_bytes(data)
        read_note(folder)
        said = ""
        tags: tuple[str, ...] = ()
        try:
            tags = read_tags(folder)
        except ValueError as error:
            said = str(error)
    assert "\n" not in said
    assert all(tag.isprintable() for tag in tags)


def test_the_copy_of_a_pack_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    folder = create_session(cache_home(os.environ) / "key", PLAN)
    for change in (
        lambda: write_tags(folder, ["a"]),
        lambda: write_note(folder, "a"),
        lambda: rename_session(folder, "other"),
    ):
        with pytest.raises(ValueError, match="opened from a pack"):
            change()


def test_a_session_keeps_its_time_when_it_is_renamed(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.write_manifest(MANIFEST)
    other = rename_session(folder, "Idle box, again")
    assert other.name == f"{folder.name[:16]}idle-box-again"
    assert not folder.path.exists()
    assert other.read_manifest() == MANIFEST
    assert rename_session(other, "idle box again") == other


def test_a_session_that_is_renamed_while_something_is_noted_keeps_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create_session(tmp_path, PLAN)
    other = folder.path.with_name("other")
    sync = os.fsync

    def renaming(file: int) -> None:
        sync(file)
        if folder.path.exists():
            folder.path.rename(other)

    monkeypatch.setattr(os, "fsync", renaming)
    write_note(folder, "noted")
    assert sorted(path.name for path in other.iterdir()) == ["notes.md", "plan.json"]
    assert read_note(SessionFolder(other)) == "noted\n"


def test_a_name_is_not_taken_twice_nor_from_who_needs_it(tmp_path: Path) -> None:
    folder, there = create_session(tmp_path, PLAN), SessionFolder(tmp_path / "19700101-000000-there")
    there.path.mkdir()
    taken = SessionFolder(tmp_path / f"{folder.name[:16]}there")
    taken.path.mkdir(exist_ok=True)
    with pytest.raises(ValueError, match="already"):
        rename_session(folder, "there")
    with pytest.raises(ValueError, match="can be no name"):
        rename_session(folder, "../..")
    with hold_lock(folder), pytest.raises(SessionBusy):
        rename_session(folder, "other")
    folder.write_manifest(MANIFEST)
    with looked_at(folder), pytest.raises(SessionLookedAt):
        rename_session(folder, "other")
    place = os.open(folder.path, os.O_RDONLY)
    fcntl.flock(place, fcntl.LOCK_EX)
    with pytest.raises(SessionBusy):
        rename_session(folder, "other")
    os.close(place)
    assert folder.path.is_dir()
