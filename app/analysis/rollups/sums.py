"""Rows of sums, which have the columns SUMS: put together where they are of the same stretch, and made of longer ones.

A histogram lies in its row as two lists: a third of the memory that a line of a table for each of its buckets takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from app.analysis.rollups.schema import COUNTED, FACTOR, KEYS, LEVELS, SUMS
from app.session.live.recent import PARTS

AT_ONCE: Final = 1_024
"""Rows whose histograms are taken apart at a time: each of them may have thousands of buckets."""


def _known(name: str, known: pl.Expr) -> pl.Expr:
    """The sum, null where it is not known."""
    return pl.when(known).then(pl.col(name).sum()).alias(name)


_WORKED = (pl.col("count") > 0).sum()
"""Rows with samples that are work done."""
_SUMMED = [
    pl.col("began_ns", "first_ns").min(),
    pl.col("last_ns").max(),
    pl.col("count", "units", "wall_ns", "losses", "failed", "itl_ns").sum(),
    _known("tokens", pl.col("tokens").count() > 0),
    pl.col("loss").drop_nulls().last(),
    pl.col("loss_total").sum(),
    _known("good", pl.col("good").null_count() == 0),
    # Rows are in the order of their first ends.
    pl.col("first_units", "first_wall_ns", "first_loss").first(),
    *(_known(f"{part}_ns", (_WORKED > 0) & (pl.col(f"{part}_ns").count() == _WORKED)) for part in PARTS),
    *(pl.col(f"{of}_largest").max() for of in COUNTED),
]


def merged(pieces: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Sums of any slices of a session's samples, those of one stretch put together, in the order of KEYS."""
    rows = _in_order(pl.concat([pl.DataFrame(schema=SUMS), *pieces]))
    placed = rows.with_columns(stretch=pl.struct(*KEYS).rle_id())
    several = pl.col("stretch").is_duplicated()
    alone = placed.filter(~several)
    if len(alone) == len(rows):
        return rows
    every = [alone, *map(_summed, _slices(placed.filter(several)))]
    return pl.concat([each.select("stretch", *SUMS) for each in every]).sort("stretch").drop("stretch")


def levels(finest: pl.DataFrame) -> list[pl.DataFrame]:
    """The same over seconds, and over longer and longer stretches."""
    found = [finest]
    for _ in range(LEVELS - 1):
        found.append(merged([found[-1].with_columns(pl.col("index") // FACTOR)]))
    return found


def histogram_of(rows: pl.DataFrame, of: str, by: str) -> pl.DataFrame:
    """All histograms of one kind, put together by a column of the rows: columns `by`, `key` and `n`, in their order."""
    lists = rows.select(by, key=f"{of}_keys", n=f"{of}_counts").drop_nulls("key")
    return lists.explode("key", "n").group_by(by, "key").agg(pl.col("n").cast(pl.Int64).sum()).sort(by, "key")


def as_lists(histogram: pl.DataFrame, of: str, by: str) -> pl.DataFrame:
    """A histogram with columns `by`, `key` and `n`, in their order → `by` and two lists of it."""
    keys, counts = pl.col("key").cast(pl.UInt16).alias(f"{of}_keys"), pl.col("n").cast(pl.UInt32).alias(f"{of}_counts")
    return histogram.group_by(by, maintain_order=True).agg(keys, counts)


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By KEYS and first end; those that are so already, as of slices that follow each other, are not copied."""
    order = rows.select(pl.arg_sort_by(*KEYS, "first_ns", nulls_last=True, maintain_order=True)).to_series()
    return rows if order.is_sorted() else rows[order]


def _slices(placed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """About so many rows at a time, all of a stretch together."""
    begins = placed["stretch"].search_sorted(placed["stretch"].gather_every(AT_ONCE), side="left").unique().sort()
    for begin, end in zip(begins, [*begins[1:], len(placed)], strict=True):
        yield placed.slice(begin, end - begin)


def _summed(placed: pl.DataFrame) -> pl.DataFrame:
    """Rows in order → one for each stretch."""
    summed = placed.group_by("stretch", *KEYS, maintain_order=True).agg(_SUMMED)
    for of in COUNTED:
        lists = as_lists(histogram_of(placed, of, "stretch"), of, "stretch")
        summed = summed.join(lists, on="stretch", how="left", maintain_order="left")
    return summed
