"""Session folders: named, found and read by anybody; written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.session.store.folder import (
    RESERVE,
    SessionFolder,
    create_session,
    find_session,
    list_sessions,
    sessions_home,
    slug,
)
from app.session.store.lock import SessionBusy, hold_lock, is_locked
from app.session.store.manifest import Manifest
from tests.full_disk import files_limited_to
from tests.session.frames import PLAN

MANIFEST = Manifest(plan=PLAN, outcome="done", started_ns=1, ended_ns=2)


def session(home: Path, name: str) -> SessionFolder:
    """A session of that folder name."""
    folder = SessionFolder(home / name)
    folder.path.mkdir(parents=True)
    folder.write_plan(PLAN)
    return folder


def test_the_home_follows_the_environment() -> None:
    assert sessions_home({"BENCHTOP_HOME": "/b", "XDG_STATE_HOME": "/x"}) == Path("/b/sessions")
    assert sessions_home({"XDG_STATE_HOME": "/x"}) == Path("/x/benchtop/sessions")
    assert sessions_home({}) == Path("~/.local/state/benchtop/sessions").expanduser()
    assert sessions_home({"BENCHTOP_HOME": "here"}) == Path("here/sessions").absolute()


def test_a_new_session_is_its_owners_alone_and_has_its_plan(tmp_path: Path) -> None:
    folder = create_session(tmp_path / "home", PLAN)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert folder.name.endswith("-two-runs")
    assert folder.read_plan() == PLAN
    assert not folder.manifest.exists()


def test_two_sessions_of_one_second_get_two_folders(tmp_path: Path) -> None:
    first, second = create_session(tmp_path, PLAN), create_session(tmp_path, PLAN)
    assert second.name == f"{first.name}-2"


@given(st.text())
def test_a_slug_is_a_plain_file_name_whatever_the_name(name: str) -> None:
    made = slug(name)
    assert made
    assert len(made) <= 60
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made[0] != "-" != made[-1]


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.write_manifest(MANIFEST)
    assert folder.read_manifest() == MANIFEST
    assert not list(folder.path.glob("*.part"))


def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.write_manifest(MANIFEST)
    with files_limited_to(10), pytest.raises(OSError, match="File too large"):
        folder.write_manifest(replace(MANIFEST, ended_ns=3))
    assert folder.read_manifest() == MANIFEST


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 3}'])
def test_a_damaged_plan_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.plan.write_text(text)
    with pytest.raises(ValueError, match=r"plan\.json cannot be read"):
        folder.read_plan()


def test_a_missing_manifest_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"manifest\.json is not there"):
        create_session(tmp_path, PLAN).read_manifest()


def test_a_manifest_of_a_newer_schema_is_refused_and_one_with_new_fields_is_read(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.write_manifest(replace(MANIFEST, schema=99))
    with pytest.raises(ValueError, match=r"newer benchtop \(schema 99\)"):
        folder.read_manifest()
    folder.write_manifest(MANIFEST)
    folder.manifest.write_text(folder.manifest.read_text().replace("{", '{"of a newer benchtop": [1],', 1))
    assert folder.read_manifest() == MANIFEST


def test_sessions_are_listed_newest_first_and_other_folders_are_none(tmp_path: Path) -> None:
    assert list_sessions(tmp_path / "nowhere") == []
    for name in ("20260101-000000-a", "20260301-000000-c", "20260201-000000-b"):
        session(tmp_path, name)
    (tmp_path / "20269999-not-ours").mkdir()
    (tmp_path / "a file").touch()
    assert [folder.name[-1] for folder in list_sessions(tmp_path)] == ["c", "b", "a"]


def test_a_session_is_found_by_path_by_name_and_by_any_part_that_is_unmistakable(tmp_path: Path) -> None:
    first, second = session(tmp_path, "20260101-120000-demo"), session(tmp_path, "20260101-120000-demo-2")
    assert find_session(tmp_path, "demo-2") == second
    assert find_session(tmp_path, first.name) == first, "a whole name counts, though it is part of another"
    assert find_session(Path("/nowhere"), str(second.path)) == second
    with pytest.raises(ValueError, match="part of 2 sessions"):
        find_session(tmp_path, "1200")


def test_a_session_that_is_not_there_is_answered_with_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are none yet"):
        find_session(tmp_path, "demo")
    session(tmp_path, "20260101-120000-demo")
    with pytest.raises(ValueError, match="near: 20260101-120000-demo"):
        find_session(tmp_path, "20260101-120000-dmeo")
    with pytest.raises(ValueError, match="benchtop ls"):
        find_session(tmp_path, "x")


def test_the_size_is_that_of_its_files_without_the_reserve_that_goes_when_it_ends(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    before = folder.size_bytes()
    folder.journal.write_bytes(b"x" * 1000)
    (folder.path / RESERVE).write_bytes(b"\0" * 5000)
    assert folder.size_bytes() == before + 1000


def test_only_one_writes_a_session_at_a_time(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    assert not is_locked(folder)
    with hold_lock(folder):
        assert is_locked(folder)
        with pytest.raises(SessionBusy, match=f"{folder.name} is still running"), hold_lock(folder):
            pass
    assert not is_locked(folder)
    with hold_lock(folder):
        pass


@pytest.mark.parametrize("given", ["{name}", "./{name}/", "{name}/../{name}"])
def test_a_folder_here_is_found_by_its_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    folder = create_session(tmp_path / "here", PLAN)
    monkeypatch.chdir(tmp_path / "here")
    assert find_session(tmp_path / "home", given.format(name=folder.name)) == folder
    monkeypatch.chdir(folder.path)
    assert find_session(tmp_path / "home", ".") == folder
