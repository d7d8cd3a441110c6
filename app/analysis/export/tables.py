"""The tables of a session as CSV, JSON lines, Arrow IPC and Parquet. Streamed: no table is ever whole in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import polars as pl
from msgspec import json

from app.analysis.export.asked import Asked, Window, window_of
from app.analysis.export.csv_cells import flat, guarded, suspects
from app.analysis.export.place import STDOUT, file_at, folder_at, stdout
from app.analysis.load import Loaded
from app.analysis.tables.parquet import ROWS_A_GROUP
from app.analysis.tables.schema import INSTANT
from app.analysis.tables.slices import slices
from app.session.pack.about import packed_name
from app.session.plain import plain
from app.session.store.folder import TABLES

Prepare = Callable[[pl.LazyFrame], pl.LazyFrame]
Say = Callable[[str], None]

SESSION_FILE: Final = "session.json"
"""Beside all tables: the manifest, which says what their run numbers mean."""


@dataclass(frozen=True)
class Source:
    """A table, and how it goes into the file."""

    table: pl.LazyFrame
    prepared: Prepare
    """Row by row: of a slice it makes a slice."""

    def whole(self) -> pl.LazyFrame:
        """All of it."""
        return self.prepared(self.table)

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All of it, one after the other; the first may be empty, and says what its columns are."""
        yield self.prepared(self.table.clear()).collect()
        for piece in slices(self.table):
            yield self.prepared(piece.lazy()).collect()


Sink = Callable[[Source, Path | BinaryIO], None]


@dataclass(frozen=True)
class Kind:
    """One format of tables."""

    ending: str
    sink: Sink
    text: bool = False
    """Whether it is text that may go to a terminal."""


def _csv(source: Source, target: Path | BinaryIO) -> None:
    with _opened(target) as out:
        for place, piece in enumerate(source.pieces()):
            piece.write_csv(out, include_header=not place, quote_style="non_numeric")


def _json(source: Source, target: Path | BinaryIO) -> None:
    with _opened(target) as out:
        for piece in source.pieces():
            piece.write_ndjson(out)


def _arrow(source: Source, target: Path | BinaryIO) -> None:
    # The oldest level: many programs do not know string views yet.
    source.whole().sink_ipc(target, compat_level=pl.CompatLevel.oldest(), engine="streaming")


def _parquet(source: Source, target: Path | BinaryIO) -> None:
    source.whole().sink_parquet(target, compression="zstd", row_group_size=ROWS_A_GROUP, engine="streaming")


@contextmanager
def _opened(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(target, Path):
        with target.open("wb") as file:
            yield file
    else:
        yield target


KINDS: Final[Mapping[str, Kind]] = {
    "csv": Kind("csv", _csv, text=True),
    "json": Kind("jsonl", _json, text=True),
    "arrow": Kind("arrow", _arrow),
    "parquet": Kind("parquet", _parquet),
}


def export_tables(loaded: Loaded, asked: Asked, say: Say) -> None:
    """Write one table into a file or to stdout, several into a folder. Raises ValueError, OSError and PolarsError."""
    kind = KINDS[asked.format]
    window = window_of(asked, loaded)
    wanted = tuple(name for name in asked.tables or TABLES if name not in loaded.lost_tables)
    if not wanted:
        raise ValueError(f"session {loaded.name} has no table left of those: their files are missing or damaged")
    stem = packed_name(loaded.name)
    if asked.output == STDOUT:
        if len(asked.tables) != 1:
            raise ValueError("stdout takes one table: choose it with --table " + "|".join(TABLES))
        with stdout(binary=not kind.text) as out:
            kind.sink(_source(loaded, asked, wanted[0], window, say), out)
        return
    if len(asked.tables) == 1:
        (name,) = asked.tables
        with file_at(asked.output, f"{stem}-{name}.{kind.ending}") as (draft, target):
            kind.sink(_source(loaded, asked, name, window, say), draft)
        say(f"{target}: {_rows(loaded, name, window)}")
        return
    with folder_at(asked.output, f"{stem}-{asked.format}") as (draft, target):
        for name in wanted:
            kind.sink(_source(loaded, asked, name, window, say), draft / f"{name}.{kind.ending}")
        (draft / SESSION_FILE).write_bytes(json.format(msgspec.json.encode(loaded.manifest)))
    for name in wanted:
        say(f"{target / name}.{kind.ending}: {_rows(loaded, name, window)}")
    say(f"{target / SESSION_FILE}: what the runs are, and what is known of the machine")


def _source(loaded: Loaded, asked: Asked, name: str, window: Window, say: Say) -> Source:
    """What is not in the file as it was in the session is said."""
    table, instant = loaded.tables[name], INSTANT[name]
    if asked.format == "csv" and (found := suspects(window.cut(table, instant))):
        say(
            f"{name}: {found:,} text{' that begins' if found == 1 else 's that begin'} like a formula "
            f"{'is' if found == 1 else 'are'} written with ' in front, so that no spreadsheet computes "
            f"{'it' if found == 1 else 'them'}; --format json leaves them as they are"
        )
    to_terminal = asked.output == STDOUT and sys.stdout.isatty()

    def prepared(rows: pl.LazyFrame) -> pl.LazyFrame:
        rows = window.cut(rows, instant)
        if to_terminal:
            rows = rows.with_columns(pl.col(pl.String).map_elements(plain, return_dtype=pl.String))
        return guarded(flat(rows)) if asked.format == "csv" else rows

    return Source(table, prepared)


def _rows(loaded: Loaded, name: str, window: Window) -> str:
    rows = window.cut(loaded.tables[name], INSTANT[name])
    count: int = rows.select(pl.len()).collect(engine="streaming").item()
    return f"{count:,} row{'' if count == 1 else 's'}"
