"""Exported tables, read back by programs that are not Polars where there is one: they say what the session says."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.analysis.export.asked import Asked
from app.analysis.export.command import TABULAR, WRITERS, export_session
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.tables.schema import SCHEMAS
from app.analysis.tables.slices import slices
from app.arguments import EXPORTS
from app.cli import main
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.segments import part_path
from tests.analysis.journals import journalled, whole
from tests.hostile import ATTACK, MARKS, write_hostile
from tests.session.frames import SECOND
from workloads.wire.frames import Log


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    odd = [Log(run=1, at_ns=3 * SECOND, text=text) for text in ("=1+1", ' @x,"y"\n', "-", "a=1", "")]
    made = journalled(tmp_path / "home", (*whole()[:-1], *odd, whole()[-1]))
    finish(made)
    return made


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def export(folder: SessionFolder, format_: str, **options: object) -> list[str]:
    said: list[str] = []
    export_session(folder, Asked(format_, **options), said.append)  # type: ignore[arg-type]
    return said


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_has_every_row_with_lists_in_a_cell_and_nothing_where_nothing_was_measured(folder: SessionFolder) -> None:
    export(folder, "csv", output="out")
    steps, gauges = rows_of(Path("out/steps.csv")), rows_of(Path("out/gauges.csv"))
    assert list(steps[0]) == list(SCHEMAS["steps"])
    assert [int(row["start_ns"]) for row in steps] == load(folder).tables["steps"].collect()["start_ns"].to_list()
    assert {row["h2d_ns"] for row in steps} == {""}
    assert [row["core_percent"] for row in gauges if row["device"] == "host"] == ["25.0 75.0"]


def test_no_text_in_csv_is_a_formula_and_what_was_changed_is_said(folder: SessionFolder) -> None:
    said = export(folder, "csv", output="logs.csv", tables=("logs",))
    texts = [row["text"] for row in rows_of(Path("logs.csv"))]
    assert texts == ["half way", "'=1+1", '\' @x,"y"\n', "'-", "a=1", ""]
    assert said[0].startswith("logs: 3 texts that begin like a formula are written with ' in front")


def test_json_lines_have_the_texts_as_they_are_and_lists_as_lists(folder: SessionFolder) -> None:
    assert "formula" not in " ".join(export(folder, "json", output="out"))
    logs = [json.loads(line) for line in Path("out/logs.jsonl").read_text("utf-8").splitlines()]
    assert [log["text"] for log in logs][1:3] == ["=1+1", ' @x,"y"\n']
    gauges = [json.loads(line) for line in Path("out/gauges.jsonl").read_text("utf-8").splitlines()]
    assert [row["core_percent"] for row in gauges if row["device"] == "host"] == [[25.0, 75.0]]
    assert json.loads(Path("out/session.json").read_text("utf-8"))["runs"][0]["run"] == 1


@pytest.mark.parametrize(("format_", "read"), [("arrow", pl.read_ipc), ("parquet", pl.read_parquet)])
def test_arrow_and_parquet_have_the_same_types(folder: SessionFolder, format_: str, read: object) -> None:
    export(folder, format_, output="out")
    for name in TABLES:
        table = read(next(Path("out").glob(f"{name}.*")))  # type: ignore[operator]
        assert table.equals(load(folder).tables[name].collect()), name


def test_parts_are_joined(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("steps"))
    table[:10].write_parquet(part_path(folder, "steps", 1))
    table[10:].write_parquet(folder.table("steps"))
    export(folder, "parquet", output="steps.parquet", tables=("steps",))
    assert pl.read_parquet("steps.parquet").equals(table)


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_text_is_the_same_in_however_many_slices_it_is_written(
    folder: SessionFolder, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(folder, format_, output="whole", begin="1")
    monkeypatch.setattr(slices, "__defaults__", (7,))
    export(folder, format_, output="sliced", begin="1")
    for whole_file in Path("whole").iterdir():
        assert (Path("sliced") / whole_file.name).read_bytes() == whole_file.read_bytes(), whole_file.name


def test_what_a_terminal_would_obey_is_left_out_of_what_goes_there_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    export(folder, "json", output="logs.jsonl", tables=("logs",))
    logs = [json.loads(line)["text"] for line in Path("logs.jsonl").read_bytes().split(b"\n") if line]
    assert logs == load(folder).tables["logs"].collect()["text"].to_list()


def test_a_stretch_of_the_session_alone(folder: SessionFolder) -> None:
    export(folder, "json", output="out", begin="2", until="0:03")
    times = [json.loads(line)["start_ns"] for line in Path("out/steps.jsonl").read_text().splitlines()]
    assert times == [2 * SECOND + place * SECOND // 10 for place in range(10)]
    with pytest.raises(ValueError, match="there is nothing between the two"):
        export(folder, "json", output="other", begin="3", until="2")
    with pytest.raises(ValueError, match="--from soon: give a time of the session"):
        export(folder, "json", output="other", begin="soon")
    for begin, until in (("1:00", None), (None, "0")):
        with pytest.raises(ValueError, match=r"there is nothing of the session there; it took \d+ s"):
            export(folder, "json", output="other", begin=begin, until=until)


def test_one_table_goes_to_stdout_and_what_is_said_to_stderr(
    folder: SessionFolder, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["export", str(folder.path), "--format", "csv", "--table", "logs", "-o", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b'"run","at_ns","level","origin","text","rank"\n')
    assert b"formula" in err
    assert main(["export", str(folder.path), "--format", "csv", "-o", "-"]) == 2
    assert b"choose it with --table" in capfdbinary.readouterr().err


def test_a_terminal_gets_text_without_what_it_would_obey_and_no_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for format_ in ("csv", "json"):
        export(folder, format_, output="-", tables=("logs",))
        out = capsysbinary.readouterr().out.decode()
        assert "marked" in out
        assert not [mark for mark in MARKS if mark in out]
        assert len(out.splitlines()) == 40 + (format_ == "csv")
    with pytest.raises(ValueError, match="no text for a terminal"):
        export(folder, "arrow", output="-", tables=("logs",))


def test_who_reads_no_more_ends_it_quietly(folder: SessionFolder) -> None:
    command = (*MODULE_COMMAND, "app", "export", str(folder.path), "--format", "csv", "--table", "steps", "-o", "-")
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("format_", ["csv", "json", "arrow", "perfetto", "prometheus"])
def test_a_full_disk_is_not_taken_for_damage(
    folder: SessionFolder, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = ("gauges",) if format_ in TABULAR else ()
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OSError, match="No space left on device"):
            export(folder, format_, output="-", tables=tables)
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


def test_nothing_is_written_over_and_nothing_half_is_left(folder: SessionFolder, elsewhere: Path) -> None:
    export(folder, "csv", tables=("steps",))
    (made,) = elsewhere.iterdir()
    assert made.name == f"{folder.name}-steps.csv"
    with pytest.raises(ValueError, match="is there already"):
        export(folder, "csv", tables=("steps",))
    with pytest.raises(ValueError, match="is there already"):
        export(folder, "parquet", output=str(folder.path))
    with pytest.raises(ValueError, match="is no folder"):
        export(folder, "csv", output="not/there")
    whole = folder.table("requests").read_bytes()
    middle = len(whole) // 4
    folder.table("requests").write_bytes(whole[:middle] + b"\xff" * 200 + whole[middle + 200 :])
    with pytest.raises(ValueError, match="missing or damaged"):
        export(folder, "csv", output="out", tables=("requests",))
    assert [path.name for path in elsewhere.iterdir()] == [made.name]
    export(folder, "csv", output="out")
    left = {f"{name}.csv" for name in TABLES if name != "requests"}
    assert {path.name for path in (elsewhere / "out").iterdir()} == {*left, "session.json"}


def test_what_is_not_there_to_be_exported_is_said(folder: SessionFolder) -> None:
    with pytest.raises(ValueError, match="--table losses: there are steps, requests"):
        export(folder, "csv", tables=("losses",))


def test_numbers_that_are_none_are_valid_json(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("steps"))
    table.with_columns(loss=pl.Series([math.nan, math.inf] * (len(table) // 2))).write_parquet(folder.table("steps"))
    export(folder, "json", output="out")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    for line in Path("out/steps.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=refuse)


@pytest.mark.parametrize("format_", TABULAR)
def test_a_hostile_session_makes_valid_files(tmp_path: Path, format_: str) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"), driving=True)
    export(folder, format_, output="out")
    readers: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
        "csv": rows_of,
        "json": lambda path: [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]],
        "arrow": lambda path: pl.read_ipc(path).to_dicts(),
        "parquet": lambda path: pl.read_parquet(path).to_dicts(),
    }
    for name in TABLES:
        rows = readers[format_](next(Path("out").glob(f"{name}.*")))
        assert len(rows) == 40
        assert list(rows[0]) == list(SCHEMAS[name])
    assert rows[0]["text"].endswith(ATTACK)
    assert {path.suffix for path in Path("out").iterdir()} <= {f".{format_}", ".jsonl", ".json"}
    assert not os.path.lexists("PWNED")


def test_the_command_line_names_the_formats_that_there_are() -> None:
    assert tuple(WRITERS) == EXPORTS


@pytest.mark.parametrize("format_", ["otel", "tensorboard", "mlflow"])
def test_an_extra_that_is_not_installed_is_said_in_a_line(
    folder: SessionFolder, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("opentelemetry", "tensorboard", "mlflow"):
        for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == name]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"app.analysis.export.{format_}", raising=False)
    with pytest.raises(
        ValueError, match=rf"--format {format_} needs packages more .*: pip install 'benchtop\[{format_}\]'"
    ):
        export(folder, format_)


def test_what_cannot_be_written_is_not_taken_for_damage_of_the_session(folder: SessionFolder) -> None:
    # Nobody can make a folder there, root neither.
    for options in ({}, {"tables": ("steps",)}):
        with pytest.raises(OSError, match="No such file") as caught:
            export(folder, "csv", output="/proc/steps", **options)
        assert caught.value.filename == "/proc/steps"
