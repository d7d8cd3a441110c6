"""The tables of a session as CSV, JSON lines, Arrow IPC and Parquet. Streamed: no table is ever whole in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import msgspec
import polars as pl
from msgspec import json

from app.analysis.export.asked import Asked, cut_tables, window_of
from app.analysis.export.csv_cells import flat, guarded, suspects
from app.analysis.export.place import STDOUT, file_at, folder_at, stdout
from app.analysis.load import Loaded
from app.analysis.tables.parquet import ROWS_A_GROUP
from app.session.pack.about import packed_name
from app.session.plain import plain
from app.session.store.folder import TABLES

Sink = Callable[[pl.LazyFrame, Path | IO[bytes]], None]
Say = Callable[[str], None]

SESSION_FILE: Final = "session.json"
"""Beside all tables: the manifest, which says what their run numbers mean."""


@dataclass(frozen=True)
class Kind:
    """One format of tables."""

    ending: str
    sink: Sink
    text: bool = False
    """Whether it is text that may go to a terminal."""


def _csv(table: pl.LazyFrame, target: Path | IO[bytes]) -> None:
    table.sink_csv(target, quote_style="non_numeric", check_extension=False, engine="streaming")


def _json(table: pl.LazyFrame, target: Path | IO[bytes]) -> None:
    table.sink_ndjson(target, check_extension=False, engine="streaming")


def _arrow(table: pl.LazyFrame, target: Path | IO[bytes]) -> None:
    # The oldest level: many programs do not know string views yet.
    table.sink_ipc(target, compat_level=pl.CompatLevel.oldest(), engine="streaming")


def _parquet(table: pl.LazyFrame, target: Path | IO[bytes]) -> None:
    table.sink_parquet(target, compression="zstd", row_group_size=ROWS_A_GROUP, engine="streaming")


KINDS: Final[Mapping[str, Kind]] = {
    "csv": Kind("csv", _csv, text=True),
    "json": Kind("jsonl", _json, text=True),
    "arrow": Kind("arrow", _arrow),
    "parquet": Kind("parquet", _parquet),
}


def export_tables(loaded: Loaded, asked: Asked, say: Say) -> None:
    """Write one table into a file or to stdout, several into a folder. Raises ValueError, OSError and PolarsError."""
    kind = KINDS[asked.format]
    tables = cut_tables(loaded, window_of(asked, loaded))
    wanted = tuple(name for name in asked.tables or TABLES if name not in loaded.lost_tables)
    if not wanted:
        raise ValueError(f"session {loaded.name} has no table left of those: their files are missing or damaged")
    stem = packed_name(loaded.name)
    if asked.output == STDOUT:
        if len(asked.tables) != 1:
            raise ValueError("stdout takes one table: choose it with --table " + "|".join(TABLES))
        table = tables[wanted[0]]
        if sys.stdout.isatty():
            table = table.with_columns(pl.col(pl.String).map_elements(plain, return_dtype=pl.String))
        with stdout(binary=not kind.text) as out:
            kind.sink(_prepared(asked.format, table, wanted[0], say), out)
        return
    if len(asked.tables) == 1:
        (name,) = asked.tables
        with file_at(asked.output, f"{stem}-{name}.{kind.ending}") as (draft, target):
            kind.sink(_prepared(asked.format, tables[name], name, say), draft)
        say(f"{target}: {_rows(tables[name])}")
        return
    with folder_at(asked.output, f"{stem}-{asked.format}") as (draft, target):
        for name in wanted:
            kind.sink(_prepared(asked.format, tables[name], name, say), draft / f"{name}.{kind.ending}")
        (draft / SESSION_FILE).write_bytes(json.format(msgspec.json.encode(loaded.manifest)))
    for name in wanted:
        say(f"{target / name}.{kind.ending}: {_rows(tables[name])}")
    say(f"{target / SESSION_FILE}: what the runs are, and what is known of the machine")


def _prepared(format_: str, table: pl.LazyFrame, name: str, say: Say) -> pl.LazyFrame:
    """As it goes into the file; what is not as it was in the session is said."""
    if format_ != "csv":
        return table
    if found := suspects(table):
        say(
            f"{name}: {found:,} text{' that begins' if found == 1 else 's that begin'} like a formula "
            f"{'is' if found == 1 else 'are'} written with ' in front, so that no spreadsheet computes "
            f"{'it' if found == 1 else 'them'}; --format json leaves them as they are"
        )
    return guarded(flat(table))


def _rows(table: pl.LazyFrame) -> str:
    count: int = table.select(pl.len()).collect(engine="streaming").item()
    return f"{count:,} row{'' if count == 1 else 's'}"
