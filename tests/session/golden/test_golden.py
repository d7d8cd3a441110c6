"""Sessions of every version of their files open, and say what they always said."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.compare.command import comparison_of, printed
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.analysis.show import show
from app.analysis.tables.parquet import scan_tables
from app.analysis.why.document import why
from app.recovery import is_interrupted
from app.session.results.variant_names import named_variants
from app.session.shelf.listing import session_row
from app.session.store.folder import SessionFolder
from app.session.store.part import read_part
from app.session.store.schema import HISTORY, PARQUET_KEY, SCHEMA, NewerSchema
from app.session.store.segments import rolled_segments
from workloads.wire.frames import Done, Score, Steps

HERE = Path(__file__).parent
VERSIONS = sorted(HISTORY)


def golden(version: int, name: str, home: Path) -> SessionFolder:
    """A copy of one."""
    path = home / f"{version}-{name}"
    shutil.copytree(HERE / str(version) / name, path)
    return SessionFolder(path)


def test_there_is_one_of_each_version_and_none_is_large() -> None:
    assert sorted(int(path.name) for path in HERE.iterdir() if path.name.isdigit()) == VERSIONS
    sizes = [SessionFolder(path).size_bytes() for version in VERSIONS for path in (HERE / str(version)).iterdir()]
    assert max(sizes) < 110_000


@pytest.mark.parametrize("version", VERSIONS)
def test_a_finished_session_is_shown_explained_compared_and_played(version: int, tmp_path: Path) -> None:
    folder = golden(version, "finished", tmp_path)
    manifest = folder.read_manifest()
    assert (manifest.schema, manifest.plan.name, manifest.outcome) == (version, "golden, finished", "done")
    assert [run.headline.samples for run in manifest.runs] == [40 * 64, 80]
    assert len(scan_tables(folder)["steps"].collect()) == 42
    assert session_row(folder).state == "done"
    shown = show(folder, as_json=False, width=120)
    assert "train/digits" in shown
    assert "infer/digits" in shown
    assert why(folder, as_json=False, width=120)
    frames = list(replay(load(folder)))
    assert sum(1 for frame in frames if isinstance(frame, Steps)) >= 1
    assert isinstance(frames[-1], Done)
    assert any(isinstance(frame, Score) for frame in frames)
    asked = named_variants([str(folder.path)] * 2, lambda name: SessionFolder(Path(name)))
    compared = comparison_of(asked, accepted=(), within=0.01, conditions="throughput<-5%")
    assert "train/digits" in printed(compared, as_json=False, width=120)
    assert not compared.failed


@pytest.mark.parametrize("version", VERSIONS)
def test_an_interrupted_session_is_recovered_and_is_of_today_then(version: int, tmp_path: Path) -> None:
    folder = golden(version, "interrupted", tmp_path)
    assert folder.read_plan().schema == version
    assert is_interrupted(folder)
    assert bool(rolled_segments(folder)) == (version >= 2)
    before = load(folder).tables["steps"].collect()
    manifest = finish(folder)
    assert manifest.schema == SCHEMA
    assert manifest.recovery is not None
    assert manifest.recovery.places == 0
    assert len(scan_tables(folder)["steps"].collect()) == len(before) > 0
    assert folder.read_manifest().schema == SCHEMA


def test_every_file_bears_its_version(tmp_path: Path) -> None:
    finished, interrupted = (golden(SCHEMA, name, tmp_path) for name in ("finished", "interrupted"))
    finish(interrupted)
    for folder in (finished, interrupted):
        documents = [folder.plan, folder.manifest, *folder.path.glob("part-*.json")]
        assert {msgspec.json.decode(path.read_bytes())["schema"] for path in documents} == {SCHEMA}
        tables = [path for path in folder.path.glob("*.parquet") if not path.name.startswith("rollups")]
        assert {pl.read_parquet_metadata(path)[PARQUET_KEY] for path in tables} == {str(SCHEMA)}
        assert len(documents) > 2


def test_what_a_newer_benchtop_wrote_says_which_one_it_needs(tmp_path: Path) -> None:
    folder = golden(SCHEMA, "finished", tmp_path)
    manifest = folder.read_manifest()
    newer = SCHEMA + 1
    folder.write_manifest(replace(manifest, schema=newer, plan=replace(manifest.plan, benchtop="9.1")))
    words = rf"written by a newer benchtop \(schema {newer}, benchtop 9.1\); this one reads up to schema {SCHEMA}"
    with pytest.raises(NewerSchema, match=words):
        folder.read_manifest()
    assert f"schema {newer}, benchtop 9.1" in session_row(folder).problem
    folder.manifest.write_text(f'{{"schema": {newer}, "plan": {{"benchtop": "9.1"}}, "outcome": ["another shape"]}}')
    with pytest.raises(NewerSchema, match=words):
        load(folder)
    folder.write_plan(replace(manifest.plan, schema=newer))
    with pytest.raises(NewerSchema, match=f"schema {newer}"):
        folder.read_plan()
    part = folder.path / "part-00001.json"
    part.write_text(part.read_text().replace(f'"schema":{SCHEMA}', f'"schema":{newer}'))
    with pytest.raises(NewerSchema, match=f"schema {newer}"):
        read_part(folder, 1)
