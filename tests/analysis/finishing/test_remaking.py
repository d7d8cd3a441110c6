"""A finished session whose manifest is lost has it made again, and says so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.show import show
from app.recovery import is_interrupted, recover
from app.session.store.folder import SessionFolder
from app.session.store.manifest import Manifest
from app.session.store.schema import SCHEMA, NewerSchema
from app.session.store.segments import facts_path, marker_path
from tests.analysis.journals import journalled, training, whole
from tests.analysis.segments import segmented
from tests.session.frames import hello

CUTS = (5, 18, 27)


def again(
    manifest: Manifest, remade: str = "manifest.json was missing: it was made again of the other files"
) -> Manifest:
    """What is made of it again: all but what only it knew."""
    return replace(manifest, frames=0, absent={}, remade=remade)


@pytest.mark.parametrize("damage", [None, b"", b"{", b"[1]", b"\xff" * 100, b"[" * 200_000])
def test_a_lost_manifest_is_made_again(tmp_path: Path, damage: bytes | None) -> None:
    folder = journalled(tmp_path, whole())
    before = finish(folder)
    rows = load(folder).tables["steps"].collect()
    assert not is_interrupted(folder)
    if damage is None:
        folder.manifest.unlink()
    else:
        folder.manifest.write_bytes(damage)
    was = "missing" if damage is None else "damaged"
    expected = again(before, f"manifest.json was {was}: it was made again of the other files")
    assert load(folder).manifest == expected, "who may not write there sees it too"
    assert is_interrupted(folder)
    assert recover(folder) == f"session {folder.name}: {expected.remade}"
    assert folder.read_manifest() == expected
    assert not is_interrupted(folder)
    assert load(folder).tables["steps"].collect().equals(rows)
    assert show(folder, as_json=False, width=200).splitlines()[1] == f"  caution         {expected.remade}"
    kept = folder.manifest.with_suffix(".json.damaged")
    assert (kept.read_bytes() if kept.exists() else None) == damage


@pytest.mark.parametrize("marker", ["whole", "damaged", "gone"])
def test_a_session_in_parts_loses_none_of_them(tmp_path: Path, marker: str) -> None:
    folder = segmented(tmp_path, whole(), CUTS)
    before = finish(folder)
    rows = {name: table.collect() for name, table in load(folder).tables.items()}
    folder.manifest.unlink()
    if marker == "damaged":
        marker_path(folder, 2).write_bytes(b"{")
    elif marker == "gone":
        marker_path(folder, 2).unlink()
    found = finish(folder)
    assert replace(found, absent={}) == again(before)
    for name, table in load(folder).tables.items():
        assert table.collect().equals(rows[name])


def test_one_that_had_ended_in_the_middle_is_interrupted_still(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:8]))
    before = finish(folder)
    folder.manifest.unlink()
    found = finish(folder)
    assert found.outcome == "interrupted"
    assert found.runs == before.runs


def test_without_a_table_that_all_rests_on_it_is_not_made(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    folder.manifest.write_bytes(b"{")
    folder.table("gauges").unlink()
    assert load(folder).manifest.runs[0].headline.samples == 76
    folder.table("steps").write_bytes(b"PAR1")
    with pytest.raises(
        ValueError, match=r"manifest\.json is damaged, and steps\.parquet is damaged .*: put one"
    ) as said:
        finish(folder)
    assert "\n" not in str(said.value)
    assert folder.manifest.read_bytes() == b"{"


def test_damaged_facts_are_named(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    folder.manifest.unlink()
    data = bytearray(facts_path(folder).read_bytes())
    data[len(data) // 2] ^= 0xFF
    facts_path(folder).write_bytes(data)
    assert "facts.frames is damaged too" in finish(folder).remade


def test_a_manifest_of_a_newer_benchtop_is_left_alone(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    folder.write_manifest(replace(finish(folder), schema=SCHEMA + 1))
    before = folder.manifest.read_bytes()
    assert not is_interrupted(folder)
    with pytest.raises(NewerSchema):
        finish(folder)
    with pytest.raises(NewerSchema):
        load(folder)
    assert folder.manifest.read_bytes() == before


def test_a_damaged_manifest_beside_a_journal_does_not_hide_it(tmp_path: Path) -> None:
    folder: SessionFolder = journalled(tmp_path, whole())
    folder.manifest.write_bytes(b"{")
    assert load(folder).manifest.outcome == "done"
    assert is_interrupted(folder)
    assert not finish(folder).remade
    assert len(pl.read_parquet(folder.table("steps"))) == 28
