"""Tables → Parquet files, each whole or not there at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from app.analysis.tables.schema import SCHEMAS, Schema
from app.session.store.files import sync_names
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.schema import PARQUET_KEY, SCHEMA
from app.session.store.segments import part_path, parts_of_tables

ROWS_A_GROUP = 1 << 19

OLDEST = ("steps", "requests", "gauges", "logs")
"""Tables that every session has: one that is not there is lost."""


def write_tables(tables: Mapping[Path, pl.LazyFrame]) -> None:
    """Write all of them: drafts first, each brought onto the disk, then their names.

    Raises OSError and PolarsError. The drafts are gone then, and what was there before is as it was.
    """
    drafts = {path: path.with_suffix(".parquet.part") for path in tables}
    try:
        for path, draft in drafts.items():
            tables[path].sink_parquet(
                draft,
                compression="zstd",
                row_group_size=ROWS_A_GROUP,
                sync_on_close="all",
                engine="streaming",
                metadata={PARQUET_KEY: str(SCHEMA)},
            )
        for path, draft in drafts.items():
            draft.replace(path)
        for folder in {path.parent for path in tables}:
            sync_names(folder)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def scan_tables(folder: SessionFolder) -> dict[str, pl.LazyFrame]:
    """The tables of a finished session, read when they are needed: all parts in their order, then what was left.

    What an older session lacks is null, its rank 0.
    """
    return scan_files(table_files(folder))


def scan_files(files: Mapping[str, Sequence[Path]]) -> dict[str, pl.LazyFrame]:
    """The same of these files of each table; one without any is empty."""
    return {name: _scan(files[name], SCHEMAS[name]) for name in TABLES}


def table_files(folder: SessionFolder) -> dict[str, list[Path]]:
    """The files of each table of a finished session, in order; those that must be there, whether or not they are."""
    numbers = parts_of_tables(folder)
    return {name: [*_parts(folder, name, numbers), *_rest(folder, name)] for name in TABLES}


def scan_file(path: Path, name: str) -> pl.LazyFrame:
    """One file of a table. Raises OSError and PolarsError where it says nothing sound of itself."""
    return _scan([path], SCHEMAS[name])


def scan_parts(folder: SessionFolder, numbers: Sequence[int]) -> dict[str, pl.LazyFrame]:
    """The same of these rolled segments alone, whether or not the session is finished."""
    return {name: _scan(_parts(folder, name, numbers), SCHEMAS[name]) for name in TABLES}


def scan_left(folder: SessionFolder) -> dict[str, pl.LazyFrame]:
    """The same of a finished session's rest alone, which is in no part."""
    return {name: _scan(_rest(folder, name), SCHEMAS[name]) for name in TABLES}


def _parts(folder: SessionFolder, name: str, numbers: Sequence[int]) -> list[Path]:
    return [path for number in numbers if (path := part_path(folder, name, number)).is_file()]


def _rest(folder: SessionFolder, name: str) -> list[Path]:
    path = folder.table(name)
    return [path] if name in OLDEST or path.is_file() else []


def has_older_words(folder: SessionFolder, name: str, number: int) -> bool:
    """Whether a part was written by an older benchtop, which knew fewer words: it cannot be read with newer ones."""
    return bool(_older_words(part_path(folder, name, number), SCHEMAS[name]))


def _older_words(path: Path, schema: Schema) -> dict[str, pl.Enum]:
    """The columns of words of which the file knows others than today's."""
    found = pl.read_parquet_schema(path)
    words = {name: kind for name in schema if isinstance(kind := found.get(name), pl.Enum)}
    return {name: kind for name, kind in words.items() if kind != schema[name]}


def _scan(paths: Sequence[Path], schema: Schema) -> pl.LazyFrame:
    """A table in files of one session; empty where there are none.

    Where an older benchtop wrote them, which knew fewer words, its columns are made of today's. All are of one
    benchtop: see `part_tables.write_labels`.
    """
    if not paths:
        return pl.LazyFrame(schema=schema)
    older = _older_words(paths[0], schema)
    table = pl.scan_parquet(list(paths), schema={**schema, **older}, missing_columns="insert").with_columns(
        pl.col(name).cast(schema[name]) for name in older
    )
    return table.with_columns(pl.col("rank").fill_null(0)) if "rank" in schema else table
