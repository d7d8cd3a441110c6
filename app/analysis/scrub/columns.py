"""Tables without names: one that holds texts is written anew, so that nothing of the old one is left in its footer."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from app.analysis.scrub.classes import COLUMNS
from app.analysis.scrub.replacing import Replacing
from app.analysis.tables.parquet import ROWS_A_GROUP
from app.analysis.tables.schema import SCHEMAS


def scrubbed_table(source: Path, target: Path, table: str, replacing: Replacing) -> None:
    """One file of a table. Raises PolarsError and OSError."""
    found = pl.read_parquet_schema(source)
    names = [name for name in found if name in SCHEMAS[table]]
    texts = [name for name in names if found[name] == pl.String]
    if not texts and len(names) == len(found):
        shutil.copyfile(source, target)
        return
    frame = pl.scan_parquet(source).select(names)
    replaced = [_replaced(frame, name, COLUMNS.get(f"{table}.{name}", "text"), replacing) for name in texts]
    frame.with_columns(replaced).sink_parquet(
        target,
        compression="zstd",
        row_group_size=ROWS_A_GROUP,
        sync_on_close="all",
        engine="streaming",
        metadata=pl.read_parquet_metadata(source),
    )


def texts_of_table(source: Path) -> list[str]:
    """Every text in it, each once."""
    found = pl.read_parquet_schema(source)
    frame = pl.scan_parquet(source)
    return [
        text
        for name in found
        if found[name] == pl.String
        for text in frame.select(pl.col(name).drop_nulls().unique()).collect(engine="streaming")[name]
    ]


def _replaced(frame: pl.LazyFrame, name: str, kind: str, replacing: Replacing) -> pl.Expr:
    """Each text is looked at once, and counted as often as it stands there."""
    if kind == "word":
        return pl.col(name)
    counts = frame.group_by(pl.col(name)).len().filter(pl.col(name).is_not_null()).collect(engine="streaming")
    old, new = [], []
    for text, count in counts.sort(name).iter_rows():
        before = replacing.removed.copy()
        changed = replacing.lines(text) if kind == "lines" else replacing.text(text)
        if changed != text:
            old.append(text)
            new.append(changed)
            for each in set(replacing.removed):
                replacing.removed[each] += (replacing.removed[each] - before[each]) * (count - 1)
    return pl.col(name).replace(old, new) if old else pl.col(name)
