"""Of a finished session whose files are damaged all that is sound is shown, and nothing that rests on the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from app.analysis.compare.command import comparison_of
from app.analysis.export.asked import Asked
from app.analysis.export.command import export_session
from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll_all
from app.analysis.load import load
from app.analysis.reporting.command import as_markdown
from app.analysis.show import show
from app.analysis.tables.parquet import table_files
from app.session.store.folder import TABLES, SessionFolder
from tests.analysis.journals import journalled, whole
from tests.analysis.segments import segmented

_Damage = Callable[[Path], object]


def cut(path: Path) -> None:
    """Without its end, which says what is in it."""
    path.write_bytes(path.read_bytes()[:-50])


def spoiled(path: Path) -> None:
    """With an end that is sound."""
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :])


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """Finished, whole."""
    made = journalled(tmp_path, whole())
    finish(made)
    return made


@pytest.mark.parametrize("damage", [cut, spoiled, Path.unlink])
@pytest.mark.parametrize("table", [name for name in TABLES if name != "events"])
def test_what_rests_on_a_damaged_table_is_absent_and_all_else_as_it_was(
    folder: SessionFolder, table: str, damage: _Damage
) -> None:
    before = dict(leaves(json.loads(show(folder, as_json=True, width=80))))
    damage(folder.table(table))
    if damage is spoiled:
        assert not load(folder).damaged, "its end is sound"
    document = json.loads(show(folder, as_json=True, width=80))
    named = document.pop("damaged")
    for place, value in leaves(document):
        assert value is None or value == before.get(place), place
    if table == "logs" and damage is spoiled:
        return  # nobody read it
    assert [(each["file"], each["table"]) for each in named] == [(f"{table}.parquet", table)]
    text = show(folder, as_json=False, width=80).splitlines()
    assert text[1].startswith(f"  caution         {table}.parquet is ")


def test_a_report_and_a_comparison_name_it_too(folder: SessionFolder) -> None:
    cut(folder.table("gauges"))
    assert "gauges.parquet is damaged" in as_markdown([(folder, 0)], ())
    found = comparison_of([(folder, 0), (folder, 0)], accepted=(), within=0.01, conditions="")
    assert [caution.kind for caution in found.cautions[:2]] == ["damaged-file"] * 2
    assert found.pairs[0].metrics
    assert not found.pairs[0].gauges


@pytest.mark.parametrize("table", ["steps", "requests", "gauges"])
def test_no_sum_is_exported_of_a_damaged_table(
    folder: SessionFolder, table: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    spoiled(folder.table(table))
    for format_ in ("prometheus", "perfetto"):
        export_session(folder, Asked(format_, f"out.{format_}"), said.append)
    assert sum(f"{table}.parquet is damaged" in line for line in said) == 2
    names = {"steps": "benchtop_step_", "requests": "benchtop_request", "gauges": "benchtop_device_"}
    told = (tmp_path / "out.prometheus").read_text()
    assert names[table] not in told
    assert "benchtop_run_info" in told


def test_of_a_table_in_parts_what_is_sound_is_exported_and_nothing_summed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = segmented(tmp_path, whole(), (14, 17, 30))
    roll_all(made)
    finish(made)
    paths = table_files(made)["steps"]
    counts = {path.name: len(pl.read_parquet(path)) for path in paths}
    first, *others = (path for path in paths if counts[path.name])
    rest = sum(counts[path.name] for path in others)
    assert rest, "there must be steps in two files"
    spoiled(first)
    said: list[str] = []
    export_session(made, Asked("csv", "out"), said.append)
    assert said[0].startswith(f"{first.name} is damaged")
    assert len(pl.read_csv("out/steps.csv")) == rest
    document = json.loads(show(made, as_json=True, width=80))
    assert [each["file"] for each in document["damaged"]] == [first.name]
    assert all(run.get("times") is None for run in document["runs"] if run["workload"].startswith("train"))


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """(where, what) of everything in a document that is no list or map."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{place}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, f"{place}.{number}")
    else:
        yield place, value
