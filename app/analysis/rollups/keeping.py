"""`rollups.parquet`: made of a session's tables, and made again where it is missing or older than they are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from app.analysis.rollups.courses import longer, run_courses
from app.analysis.rollups.devices import device_seconds
from app.analysis.rollups.gather import Rolled, joined
from app.analysis.rollups.parts import CANNOT, all_rolled, parts_rolled, remove_rolled, write_sums
from app.analysis.rollups.schema import FILE, ROWS_A_GROUP, VERSION, VERSION_KEY, coded
from app.analysis.rollups.sums import levels
from app.analysis.tables.readable import DAMAGED
from app.session.results.slo import planned_slo
from app.session.store.folder import SessionFolder
from app.session.store.manifest import Manifest

FEWEST: Final = 1_000_000
"""Steps and requests; a session of fewer is read sample by sample in about a second."""

_ORDER_KEY = "steps in order"


def write_rollups(folder: SessionFolder, manifest: Manifest, tables: Mapping[str, pl.LazyFrame]) -> None:
    """Make the file, whole or not at all. Raises OSError and PolarsError."""
    rolled = all_rolled(folder, phase_begins(manifest), planned_slo(manifest.plan.slo))
    rows = _rows(rolled, manifest, tables["gauges"])
    write_sums(rows, folder.rollups, {_ORDER_KEY: str(rolled.order.kept)}, row_group_size=ROWS_A_GROUP)
    remove_rolled(folder)


def rollups(folder: SessionFolder, manifest: Manifest, tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame | None:
    """The rows of a finished session, made anew where they have to be; None of one that is small.

    What cannot be put on the disk is no reason not to open a session: None too.
    """
    with contextlib.suppress(*CANNOT):
        if not _fresh(folder):
            if samples(tables) < FEWEST:
                remove_rolled(folder)
                return None
            write_rollups(folder, manifest, tables)
        return pl.scan_parquet(folder.rollups, row_index_name="row")
    return None


def remade_rollups(
    folder: SessionFolder, manifest: Manifest, tables: Mapping[str, pl.LazyFrame]
) -> pl.LazyFrame | None:
    """The same, whatever is on the disk now: for who found it damaged."""
    with contextlib.suppress(OSError):
        folder.rollups.unlink(missing_ok=True)
        return rollups(folder, manifest, tables)
    return None


def rollups_of_parts(
    folder: SessionFolder, numbers: Sequence[int], manifest: Manifest, tables: Mapping[str, pl.LazyFrame]
) -> pl.LazyFrame | None:
    """The same rows of some parts of a session that goes on, as its manifest would be now; None of few samples.

    They are put together in memory, of the sums that were made with each part.
    """
    with contextlib.suppress(*CANNOT):
        if samples(tables) >= FEWEST:
            rolled = parts_rolled(folder, numbers, phase_begins(manifest), planned_slo(manifest.plan.slo))
            return _rows(joined(rolled), manifest, tables["gauges"]).with_row_index("row")
    return None


def kept_rollups(folder: SessionFolder) -> pl.LazyFrame | None:
    """The rows as they are on the disk; None where there are none that can be used."""
    return pl.scan_parquet(folder.rollups, row_index_name="row") if _fresh(folder) else None


def are_in_order(folder: SessionFolder) -> bool:
    """Whether the steps of every rank lie in the order in which they began. There are rollups."""
    return pl.read_parquet_metadata(folder.rollups).get(_ORDER_KEY) == str(True)


def samples(tables: Mapping[str, pl.LazyFrame]) -> int:
    """Steps and requests, as the files say that hold them."""
    return sum(int(tables[name].select(pl.len()).collect().item()) for name in ("steps", "requests"))


def phase_begins(manifest: Manifest) -> pl.Series:
    """The instants at which phases of any run begin, in order."""
    return pl.Series(sorted(phase.at_ns for run in manifest.runs for phase in run.phases), dtype=pl.Int64)


def _fresh(folder: SessionFolder) -> bool:
    try:
        made_ns = folder.rollups.stat().st_mtime_ns
    except OSError:
        return False
    try:
        version = pl.read_parquet_metadata(folder.rollups).get(VERSION_KEY)
        columns = pl.read_parquet_schema(folder.rollups)
    except DAMAGED:
        return False
    return version == VERSION and columns == FILE and made_ns >= max(_changed(folder.path), default=0)


def _changed(path: Path) -> Iterable[int]:
    for entry in os.scandir(path):
        if entry.name.startswith(("steps", "requests", "gauges")) and entry.name.endswith(".parquet"):
            yield entry.stat().st_mtime_ns


def _rows(rolled: Rolled, manifest: Manifest, gauges: pl.LazyFrame) -> pl.LazyFrame:
    """All rows, each kind in the order of level and time, so that row groups that are not asked for are not read.

    Lazy, since all columns of all rows, most of them null, would be many times as large.
    """
    course = longer(run_courses(rolled.sums, manifest.runs))
    # The newest seconds of a device are made of its readings when they are asked for.
    devices = longer(device_seconds(gauges))
    devices[0] = devices[0].clear()
    courses = [pl.concat(both).with_columns(what=coded("course")) for both in zip(course, devices, strict=True)]
    kinds = (
        _levelled(levels(rolled.sums)),
        _levelled(courses),
        rolled.slow.with_columns(what=coded("slow"), level=pl.lit(0, dtype=pl.UInt8)),
    )
    return pl.concat([kind.lazy() for kind in kinds], how="diagonal").select(*FILE)


def _levelled(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    every = [table.with_columns(level=pl.lit(level, dtype=pl.UInt8)) for level, table in enumerate(tables)]
    return pl.concat(every).sort("what", "level", "index", maintain_order=True)
