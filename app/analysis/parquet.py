"""Tables → Parquet files, each whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from app.analysis.schema import SCHEMAS, Schema
from app.session.folder import TABLES, SessionFolder

ROWS_A_GROUP = 1 << 19

OLDEST = ("steps", "requests", "gauges", "logs")
"""Tables that every session has: one that is not there is lost."""


def write_tables(folder: SessionFolder, tables: Mapping[str, pl.LazyFrame]) -> None:
    """Write all of them: drafts first, each brought onto the disk, then their names.

    Raises OSError and PolarsError. The drafts are gone then, and what was there before is as it was.
    """
    drafts = {name: folder.table(name).with_suffix(".parquet.part") for name in TABLES}
    try:
        for name, draft in drafts.items():
            tables[name].sink_parquet(
                draft, compression="zstd", row_group_size=ROWS_A_GROUP, sync_on_close="all", engine="streaming"
            )
        for name, draft in drafts.items():
            draft.replace(folder.table(name))
        sync_names(folder.path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def scan_tables(folder: SessionFolder) -> dict[str, pl.LazyFrame]:
    """The tables of a finished session, read when they are needed. What an older one lacks is null, its rank 0."""
    tables = {name: _scan(folder.table(name), SCHEMAS[name]) for name in TABLES}
    for name in ("steps", "requests", "logs"):
        tables[name] = tables[name].with_columns(pl.col("rank").fill_null(0))
    return tables


def _scan(path: Path, schema: Schema) -> pl.LazyFrame:
    """A table, empty where an older session had none. Where one knew fewer words, its columns are made of today's."""
    if path.stem not in OLDEST and not path.is_file():
        return pl.LazyFrame(schema=schema)
    found = pl.read_parquet_schema(path)
    older = {name: found[name] for name in schema if isinstance(found.get(name), pl.Enum)}
    table = pl.scan_parquet(path, schema={**schema, **older}, missing_columns="insert")
    return table.with_columns(pl.col(name).cast(schema[name]) for name in older if older[name] != schema[name])


def sync_names(path: Path) -> None:
    """Return when the names in a folder survive a power cut."""
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    finally:
        os.close(place)
