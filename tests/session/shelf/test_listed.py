"""The list of all sessions: right whatever is remembered of them, found by what is typed, in the order asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.session.shelf import listed
from app.session.shelf.labels import note_path, write_note, write_tags
from app.session.shelf.listed import INDEX, session_rows
from app.session.shelf.listing import RunRow, SessionRow, session_row
from app.session.shelf.matching import found, haystack, marked
from app.session.shelf.ordering import Column, in_order
from app.session.shelf.removal import remove_session
from app.session.shelf.renaming import rename_session
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import hold_lock
from app.session.store.manifest import Headline, Manifest, RunRecord
from tests.session.frames import PLAN, hello


def finished(home: Path, name: str) -> SessionFolder:
    """A session with a manifest, settled long ago."""
    folder = create_session(home, replace(PLAN, name=name))
    runs = (RunRecord(run=1, outcome="done", headline=Headline(samples_per_s=10.0)),)
    folder.write_manifest(Manifest(plan=PLAN, outcome="done", started_ns=1, ended_ns=2, runs=runs, hellos=(hello(),)))
    settle(folder)
    return folder


def settle(folder: SessionFolder) -> None:
    """An hour ago was the last change."""
    past = folder.path.stat().st_mtime - 3600
    os.utime(folder.path, (past, past))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that were read, not remembered."""
    names: list[str] = []

    def reading(folder: SessionFolder) -> SessionRow:
        names.append(folder.name)
        return session_row(folder)

    monkeypatch.setattr(listed, "session_row", reading)
    return names


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, read: list[str]) -> None:
    folders = [finished(tmp_path, name) for name in ("a", "b")]
    first = session_rows(tmp_path)
    assert [row.name for row in first] == sorted((folder.name for folder in folders), reverse=True)
    assert first[0].hosts == ("here",)
    read.clear()
    assert session_rows(tmp_path) == first
    assert not read


CHANGES: tuple[Callable[[SessionFolder], object], ...] = (
    lambda folder: write_tags(folder, ["good"]),
    lambda folder: write_note(folder, "hello"),
    lambda folder: rename_session(folder, "other"),
    remove_session,
    lambda folder: folder.write_manifest(replace(folder.read_manifest(), outcome="failed")),
    lambda folder: folder.manifest.unlink(),
    lambda folder: (folder.path / "weights-1.pt").write_bytes(b"12345"),
)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(tmp_path: Path, change: Callable[[SessionFolder], object]) -> None:
    folder = finished(tmp_path, "a")
    before = session_rows(tmp_path)
    change(folder)
    assert session_rows(tmp_path) == [session_row(SessionFolder(each)) for each in tmp_path.glob("[!.]*")] != before


def test_a_note_that_is_edited_in_place_is_seen(tmp_path: Path) -> None:
    folder = finished(tmp_path, "a")
    write_note(folder, "one")
    settle(folder)
    session_rows(tmp_path)
    with note_path(folder).open("a") as file:
        file.write("two\n")
    assert session_rows(tmp_path)[0].note == "one\ntwo"


def test_what_goes_on_or_changed_just_now_is_read_each_time(tmp_path: Path, read: list[str]) -> None:
    begun, fresh = create_session(tmp_path, PLAN), finished(tmp_path, "fresh")
    os.utime(fresh.path)
    with hold_lock(begun):
        assert [row.state for row in session_rows(tmp_path)].count("running") == 1
    session_rows(tmp_path)
    assert sorted(read) == sorted([begun.name, fresh.name] * 2)


@pytest.mark.parametrize("damage", [b"", b"abc", b"\0" * 5000, None])
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    finished(tmp_path, "a")
    first, index = session_rows(tmp_path), tmp_path / INDEX
    whole = index.read_bytes()
    middle = len(whole) // 2
    index.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :] if damage is None else damage)
    assert session_rows(tmp_path) == first
    assert index.read_bytes() == whole


def test_an_index_of_another_home_or_version_is_none(tmp_path: Path, read: list[str]) -> None:
    finished(tmp_path / "one", "a")
    session_rows(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    assert session_rows(tmp_path / "two")[0].path.startswith(str(tmp_path / "two"))
    assert len(read) == 2


def test_what_could_not_be_read_is_tried_again(tmp_path: Path, read: list[str]) -> None:
    folder = finished(tmp_path, "a")
    folder.manifest.write_text("{")
    settle(folder)
    assert [row.state for _ in range(2) for row in session_rows(tmp_path)] == ["unreadable"] * 2
    assert len(read) == 2


def test_a_name_that_is_no_text_is_no_error(tmp_path: Path) -> None:
    folder = finished(tmp_path, "a")
    odd = os.fsencode(folder.path) + b"\xff\x1b[31m"
    os.rename(folder.path, odd)  # noqa: PTH104 - of bytes
    assert len(session_rows(tmp_path)) == 1
    assert len(session_rows(tmp_path)) == 1


def test_without_a_home_or_with_a_full_one_there_is_a_list(tmp_path: Path) -> None:
    assert session_rows(tmp_path / "none") == []
    finished(tmp_path, "a")
    (tmp_path / INDEX).mkdir()
    assert len(session_rows(tmp_path)) == 1
    assert not list(tmp_path.glob("*.part"))


def row(name: str, **more: object) -> SessionRow:
    """One of a list."""
    base = SessionRow(name=f"20300101-000000-{name}", path="", created_ns=0, state="done", size_bytes=0)
    return replace(base, **more)


ROWS = (
    row("digits", runs=(RunRow(run=1, workload="train/digits", headline=Headline(samples_per_s=5.0)),), size_bytes=3),
    row("copy", tags=("nightly",), hosts=("node-7",), note="Fans at half speed\nTrain it", created_ns=2),
    row("gpt", runs=(RunRow(run=1, workload="infer/gpt", headline=Headline(tokens_per_s=9.0)),), created_ns=1),
)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", "digits copy gpt"),
        ("train", "digits copy"),
        ("trdig", "digits"),
        ("FANS half", "copy"),
        ("#nightly", "copy"),
        ("node-7", "copy"),
        ("tr nightly", "copy"),
        ("tgp", ""),
        ("[", ""),
        ("^]\\-", ""),
    ],
)
def test_words_are_found_wherever_they_stand(typed: str, names: str) -> None:
    places = found([haystack(each) for each in ROWS], typed)
    assert [ROWS[place].name[16:] for place in places] == names.split()


def test_what_holds_it_as_it_is_comes_first() -> None:
    rows = [row("tarain"), row("train")]
    assert found([haystack(each) for each in rows], "train") == [1, 0]


def test_what_was_found_can_be_marked() -> None:
    assert marked("train/digits", "trdig") == [0, 1, 6, 7, 8]
    assert marked("train/digits", "dig tr") == [0, 1, 6, 7, 8]
    assert marked("train", "x") == []


@given(st.text(), st.text(max_size=100))
def test_nothing_that_is_typed_is_an_error(text: str, typed: str) -> None:
    assert all(0 <= place < len(text) for place in marked(text, typed))
    found([haystack(row(text, note=text))], typed)


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("time", "copy gpt digits"),
        ("size", "digits copy gpt"),
        ("name", "copy digits gpt"),
        ("rate", "gpt digits copy"),
    ],
)
def test_rows_are_put_in_order(column: Column, names: str) -> None:
    assert [each.name[16:] for each in in_order(ROWS, column)] == names.split()


def test_the_other_way_round_what_has_no_rate_is_still_last() -> None:
    assert [each.name[16:] for each in in_order(ROWS, "rate", reverse=True)] == ["digits", "gpt", "copy"]
