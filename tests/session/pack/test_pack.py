"""A session travels as one file, and opens as what it was."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll_all
from app.analysis.rollups import keeping
from app.analysis.rollups.keeping import kept_rollups
from app.analysis.show import show
from app.packing import pack_session
from app.session.pack import cache
from app.session.pack.cache import cache_home, clean, is_cached
from app.session.store.folder import SessionFolder, find_session
from app.session.store.lock import hold_lock
from tests.analysis.journals import journalled, whole
from tests.analysis.segments import segmented
from tests.session.pack.letting_go import let_go


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Caches of its own, and nothing held from one test to the next."""
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "_open", {})
    return tmp_path / "home"


def session(tmp_path: Path) -> SessionFolder:
    """A finished one, with all that may lie beside its tables."""
    folder = journalled(tmp_path / "home" / "sessions", whole())
    finish(folder)
    (folder.path / "notes.md").write_text("the fan was off\n")
    (folder.path / "weights-1.pt").write_bytes(b"w" * 1000)
    (folder.path / "core").write_bytes(b"dumped")
    (folder.path / "screen.svg").symlink_to("/etc/passwd")
    return folder


def packed(tmp_path: Path, *, weights: bool = False) -> tuple[SessionFolder, Path, str]:
    folder = session(tmp_path)
    target = tmp_path / "it.zip"
    said = pack_session(folder, str(target), scrub=False, weights=weights)
    return folder, target, said


def test_what_is_opened_says_the_same_as_what_was_packed(tmp_path: Path) -> None:
    folder, target, _ = packed(tmp_path)
    before = target.read_bytes()
    opened = find_session(tmp_path, str(target))
    assert opened.name == folder.name
    assert show(opened, as_json=True, width=80) == show(folder, as_json=True, width=80)
    assert (opened.path / "notes.md").read_text() == "the fan was off\n"
    assert target.read_bytes() == before
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_long_session_travels_with_its_parts_and_sums_and_what_it_needed_while_it_ran_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEWEST", 1)
    folder = segmented(tmp_path / "home" / "sessions", whole(), (17,))
    roll_all(folder)
    finish(folder)
    assert (folder.path / "part-00001.json").is_file()
    said = pack_session(folder, str(tmp_path / "it.zip"), scrub=False, weights=False)
    assert "left out" not in said
    opened = find_session(tmp_path, str(tmp_path / "it.zip"))
    assert show(opened, as_json=True, width=80) == show(folder, as_json=True, width=80)
    assert kept_rollups(opened) is not None, "they need not be made again"


def test_the_copy_is_private_and_nobody_writes_in_it(tmp_path: Path) -> None:
    _, target, _ = packed(tmp_path)
    opened = find_session(tmp_path, str(target))
    assert is_cached(opened.path, os.environ)
    assert stat.S_IMODE(opened.path.parents[1].stat().st_mode) == 0o700
    assert stat.S_IMODE(opened.path.stat().st_mode) == 0o500
    assert {stat.S_IMODE(each.stat().st_mode) for each in opened.path.iterdir()} == {0o400}


def test_weights_travel_only_when_asked_for_and_others_files_never(tmp_path: Path) -> None:
    _, target, said = packed(tmp_path)
    assert "without weights: weights-1.pt" in said
    assert "left out: core, screen.svg" in said
    assert not {"weights-1.pt", "core", "screen.svg", "lock"} & set(zipfile.ZipFile(target).namelist())


def test_weights_that_were_asked_for_are_named_with_their_size(tmp_path: Path) -> None:
    _, target, said = packed(tmp_path, weights=True)
    assert "with weights: weights-1.pt 1,000 B" in said
    assert "weights-1.pt" in zipfile.ZipFile(target).namelist()


def test_one_session_makes_one_pack(tmp_path: Path) -> None:
    folder, target, _ = packed(tmp_path)
    pack_session(folder, str(tmp_path / "again.zip"), scrub=False, weights=False)
    assert (tmp_path / "again.zip").read_bytes() == target.read_bytes()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    folder, target, _ = packed(tmp_path)
    with pytest.raises(ValueError, match="is there already"):
        pack_session(folder, str(target), scrub=False, weights=False)


def test_a_session_that_runs_is_not_packed(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    with hold_lock(folder), pytest.raises(ValueError, match="still running: wait for its end, or stop it"):
        pack_session(folder, str(tmp_path / "x.zip"), scrub=False, weights=False)


def test_two_openings_share_one_copy_that_goes_only_when_nobody_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, target, _ = packed(tmp_path)
    first = find_session(tmp_path, str(target))
    mine = dict(cache._open)
    monkeypatch.setattr(cache, "_open", {})  # as another process
    assert find_session(tmp_path, str(target)) == first
    home = cache_home(os.environ)
    let_go()
    clean(home, now_s=1e12)
    assert first.path.is_dir(), "the first has it open"
    for handle in mine.values():
        os.close(handle)
    clean(home, now_s=1e12)
    assert not list(home.iterdir())


def test_who_dies_while_a_copy_is_removed_leaves_none_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, target, _ = packed(tmp_path)
    first, home = find_session(tmp_path, str(target)), cache_home(os.environ)
    let_go()

    def half_way(place: Path) -> None:
        (place / "lock").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(shutil, "rmtree", half_way)
        with pytest.raises(KeyboardInterrupt):
            clean(home, now_s=1e12)
    assert not first.path.exists()
    assert find_session(tmp_path, str(target)) == first
    assert first.manifest.is_file()
    let_go()
    (first.path.parent / "lock").unlink()
    assert find_session(tmp_path, str(target)) == first, "made anew"
    let_go()
    clean(home, now_s=1e12)
    assert not list(home.iterdir())


def test_of_too_much_the_longest_unopened_goes(tmp_path: Path) -> None:
    _, target, _ = packed(tmp_path)
    find_session(tmp_path, str(target))
    let_go()
    clean(cache_home(os.environ), kept_bytes=10)
    assert not list(cache_home(os.environ).iterdir())


def test_a_cache_that_others_can_write_into_is_refused(tmp_path: Path) -> None:
    _, target, _ = packed(tmp_path)
    cache_home(os.environ).mkdir(parents=True)
    cache_home(os.environ).chmod(0o777)
    with pytest.raises(ValueError, match="others can write into"):
        find_session(tmp_path, str(target))


Spoil = Callable[[zipfile.ZipFile, dict[str, bytes]], None]


def remade(target: Path, spoil: Spoil) -> Path:
    """The pack with something else in it."""
    with zipfile.ZipFile(target) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    spoiled = target.with_name("spoiled.zip")
    with zipfile.ZipFile(spoiled, "w") as archive:
        spoil(archive, members)
        for name, data in members.items():
            archive.writestr(name, data)
    return spoiled


def _named(name: str) -> Spoil:
    return lambda archive, members: archive.writestr(name, b"x")


def _twice(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    archive.writestr("plan.json", b"{}")
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("plan.json", b"{}")
    del members["plan.json"]


def _link(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    member = zipfile.ZipInfo("notes.md")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, b"/etc/passwd")
    del members["notes.md"]


def _bomb(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for number in range(6):
        archive.writestr(f"screen-{number}.txt", bytes(50 << 20), compress_type=zipfile.ZIP_DEFLATED)


def _deflated_table(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    archive.writestr("steps-00001.parquet", bytes(1 << 20), compress_type=zipfile.ZIP_DEFLATED)


def _without(name: str) -> Spoil:
    def spoil(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
        del members[name]

    return spoil


def _about(text: bytes) -> Spoil:
    def spoil(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
        members["pack.json"] = text

    return spoil


def _many(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for number in range(20_001):
        archive.writestr(f"screen-{number}.txt", b"")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_named("../evil.txt"), "that no session has"),
        (_named("/etc/cron.d/x"), "that no session has"),
        (_named("a/plan.json"), "that no session has"),
        (_named("PLAN.JSON"), "that no session has"),
        (_named("steps.parquet "), "that no session has"),
        (_named("notes.md\n"), "that no session has"),
        (_named("lock"), "that no session has"),
        (_twice, "plan.json is in it twice"),
        (_link, "no regular file"),
        (_bomb, "far larger than it is"),
        (_deflated_table, "compressed in a way"),
        (_without("manifest.json"), "no manifest.json"),
        (_without("pack.json"), "no pack.json"),
        (_about(b"{}"), "no pack of a session"),
        (_about(b'{"name": "../x"}'), "a name that no folder"),
        (_about(b'{"name": "x", "version": 2}'), "newer benchtop"),
        (_about(b"[" * 100_000), "no pack of a session"),
        (_many, "more files than any session"),
    ],
)
def test_what_no_honest_pack_holds_is_refused_in_a_line_and_leaves_nothing(
    tmp_path: Path, spoil: Spoil, words: str
) -> None:
    _, target, _ = packed(tmp_path)
    with pytest.raises(ValueError, match=words) as refusal:
        find_session(tmp_path, str(remade(target, spoil)))
    assert "\n" not in str(refusal.value)
    home = cache_home(os.environ)
    assert not home.exists() or not list(home.iterdir())


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    _, target, _ = packed(tmp_path)

    def spoil(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
        archive.writestr("weights-1.pt", bytes(1 << 20))
        first = archive.filelist[-1]
        for number in range(2, 9):
            copy = zipfile.ZipInfo(f"weights-{number}.pt")
            copy.header_offset, copy.CRC = first.header_offset, first.CRC
            copy.file_size = copy.compress_size = first.file_size
            archive.filelist.append(copy)

    with pytest.raises(ValueError, match="far larger than it is"):
        find_session(tmp_path, str(remade(target, spoil)))


@pytest.mark.parametrize("place", ["begin", "member", "directory", "end", "cut", "count"])
def test_a_damaged_pack_is_one_line(tmp_path: Path, place: str) -> None:
    _, target, _ = packed(tmp_path)
    data = bytearray(target.read_bytes())
    if place == "cut":
        del data[-40:]
    elif place == "count":
        struct.pack_into("<HH", data, len(data) - 14, 3, 3)
    else:
        at = {"begin": 0, "member": 400, "directory": data.rindex(b"PK\x01\x02") + 16, "end": len(data) - 8}[place]
        data[at] ^= 0xFF
    target.write_bytes(data)
    with pytest.raises(ValueError, match=r"it\.zip") as refusal:
        find_session(tmp_path, str(target))
    assert "\n" not in str(refusal.value)
    assert not list(cache_home(os.environ).glob(".new-*"))
