"""The sums of a part of a session that goes on: made when the part is, so that there is little to do at the end.

`rollups-00001.parquet` beside the tables of the first part. When the session is finished they become `rollups.parquet`.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from app.analysis.rollups.gather import Rolled, joined, rollups_of
from app.analysis.rollups.order import Order
from app.analysis.rollups.schema import COUNTED, SLOW, SUMS, VERSION, VERSION_KEY, WHAT, coded
from app.analysis.tables.parquet import scan_left, scan_parts
from app.analysis.tables.readable import DAMAGED
from app.session.results.slo import Clause
from app.session.store.files import sync_file
from app.session.store.folder import SessionFolder
from app.session.store.segments import part_path, parts_of_tables

CANNOT: Final = (OSError, ValueError, ArithmeticError, MemoryError, *DAMAGED)
"""What may come in the way of making sums, of samples of strangers too: nothing rests on them, and all goes on."""

_NAME: Final = re.compile(r"rollups-\d{5,9}\.parquet")
_ORDER_KEY = "order"


def rolled_path(folder: SessionFolder, number: int) -> Path:
    """The sums of a part."""
    return folder.path / f"rollups-{number:05}.parquet"


def write_rolled(folder: SessionFolder, number: int, begins: pl.Series, slo: Sequence[Clause]) -> None:
    """Sum a part up. Raises OSError and PolarsError."""
    rolled = rollups_of(scan_parts(folder, (number,)), begins, slo)
    slow = rolled.slow.with_columns(what=coded("slow"))
    rows = pl.concat([rolled.sums.lazy(), slow.lazy()], how="diagonal")
    write_sums(rows, rolled_path(folder, number), {_ORDER_KEY: msgspec.json.encode(rolled.order).decode()})


def write_sums(rows: pl.LazyFrame, path: Path, said: Mapping[str, str], *, row_group_size: int | None = None) -> None:
    """Put a file of sums down, whole or not at all. `said`: beside the version. Raises OSError and PolarsError."""
    draft = path.with_suffix(f".parquet.{os.getpid()}.part")
    try:
        rows.sink_parquet(draft, row_group_size=row_group_size, metadata={VERSION_KEY: VERSION, **said})
        sync_file(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def all_rolled(folder: SessionFolder, begins: pl.Series, slo: Sequence[Clause]) -> Rolled:
    """All of a finished session: the sums of its parts, made where none can be used, and of what was left.

    Raises OSError and PolarsError.
    """
    parts = parts_rolled(folder, parts_of_tables(folder), begins, slo)
    return joined([*parts, rollups_of(scan_left(folder), begins, slo)])


def parts_rolled(
    folder: SessionFolder, numbers: Sequence[int], begins: pl.Series, slo: Sequence[Clause]
) -> list[Rolled]:
    """The sums of these parts, made where there are none that can be used. Raises OSError and PolarsError."""
    return [
        _kept(folder, number, begins) or rollups_of(scan_parts(folder, (number,)), begins, slo) for number in numbers
    ]


def remove_rolled(folder: SessionFolder) -> None:
    """Those of parts are needed no more."""
    for entry in os.scandir(folder.path):
        if _NAME.fullmatch(entry.name):
            Path(entry.path).unlink(missing_ok=True)


def _kept(folder: SessionFolder, number: int, begins: pl.Series) -> Rolled | None:
    """As it was made with the part; None where it was not, where the part was labelled anew since, or cut elsewhere."""
    path = rolled_path(folder, number)
    with contextlib.suppress(*CANNOT):
        tables = [part_path(folder, name, number) for name in ("steps", "requests")]
        if path.stat().st_mtime_ns < max(table.stat().st_mtime_ns for table in tables if table.is_file()):
            return None
        said = pl.read_parquet_metadata(path)
        if said.get(VERSION_KEY) != VERSION:
            return None
        rows = pl.read_parquet(path)
        sums = rows.filter(pl.col("what") != WHAT["slow"])
        lengths = (
            pl.col(f"{of}_keys").list.len().ne_missing(pl.col(f"{of}_counts").list.len()).any() for of in COUNTED
        )
        if sums.select(pl.any_horizontal(*lengths)).item():
            return None  # whoever wrote it, no histogram is like that
        since = pl.concat([pl.Series([-1], dtype=pl.Int64), begins.cast(pl.Int64)])
        last = since.gather(begins.search_sorted(sums["last_ns"], side="right"))
        first = since.gather(begins.search_sorted(sums["first_ns"].fill_null(sums["last_ns"]), side="right"))
        if (last != sums["phase_ns"]).any() or (first != sums["phase_ns"]).any():
            return None  # a phase that was told later begins within it
        order = msgspec.json.decode(said[_ORDER_KEY], type=Order)
        return Rolled(sums.select(*SUMS), rows.filter(what=WHAT["slow"]).select(*SLOW), order)
    return None
