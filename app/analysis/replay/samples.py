"""Tables of samples → frames of steps and requests, as a worker would have sent them.

No loop over samples, and no more than a batch of a table in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from app.analysis.tables.columns import GAPS, PackedSeries
from app.analysis.tables.schema import INSTANT, SAMPLE_END
from app.analysis.tables.slices import slices
from workloads.wire.frames import Requests, Steps
from workloads.wire.items import ITEM_COLUMNS

FRAME_NS = 1_000_000_000
"""A frame carries the samples of a second at most."""

MOST_ROWS = 50_000
"""Samples that a frame carries at most: about 5 MB."""

BATCH_ROWS = 1 << 18

WINDOW_NS = 16_000_000_000
"""The first window of a large table, which is asked for by who wants to see something; those after it are longer."""
WINDOW_ROWS = 500_000
"""A window of more is followed by a shorter one."""

_SECOND = pl.col("end_ns") // FRAME_NS


@dataclass(frozen=True)
class Span:
    """The time of which samples are read from a large table."""

    from_ns: int
    """Those that ended from here on."""
    until_ns: int
    """When about the last one ended."""
    longest_ns: int
    """That one of them took. Statistics of a file know when steps began, not when they ended."""


def sample_frames(
    table: pl.LazyFrame,
    kind: type[Steps] | type[Requests],
    begins: pl.Series,
    span: Span | None = None,
    until_ns: int | None = None,
) -> Iterator[tuple[int, Steps | Requests]]:
    """(end of the last sample in it, frame), in the order of time. A frame is of one rank and one phase.

    `begins`: the instants at which phases of any run begin, in order; two that follow each other may have one name.
    `span`: read no more than that of the table, window by window: a reading of all of it would run far ahead.
    `until_ns`: those alone that had ended by then.
    """
    if span is None:
        for piece in slices(table, BATCH_ROWS):
            yield from _frames(_in_phases(_rows(piece.lazy(), kind, until_ns).collect(), begins), kind)
        return
    rows = _rows(table, kind, until_ns)
    at_ns: int | None = span.from_ns
    width_ns = WINDOW_NS
    while at_ns is not None:
        to_ns = at_ns + width_ns if at_ns + width_ns < span.until_ns else None
        count = 0
        for batch in _batches(rows.filter(_within(kind, at_ns, to_ns, span.longest_ns)), begins):
            count += len(batch)
            yield from _frames(batch, kind)
        at_ns = to_ns
        width_ns = max(width_ns // 2, WINDOW_NS) if count > WINDOW_ROWS else width_ns * 2


def _rows(table: pl.LazyFrame, kind: type[Steps] | type[Requests], until_ns: int | None) -> pl.LazyFrame:
    """With what frames are made by: when each ended, and its outcome as a number."""
    name = "steps" if kind is Steps else "requests"
    codes = [pl.col("outcome").to_physical().cast(pl.Int64)] if kind is Requests else []
    rows = table.with_columns(*codes, end_ns=SAMPLE_END[name])
    if until_ns is None:
        return rows
    # Row groups that begin later are not read.
    return rows.filter(pl.col(INSTANT[name]) <= until_ns, pl.col("end_ns") <= until_ns)


def _within(kind: type[Steps] | type[Requests], from_ns: int, to_ns: int | None, longest_ns: int) -> list[pl.Expr]:
    """What ended in a window, said in words that row groups have statistics of, too."""
    if kind is Requests:
        return _between("done_ns", from_ns, to_ns)
    return [*_between("start_ns", from_ns - longest_ns, to_ns), *_between("end_ns", from_ns, to_ns)]


def _between(name: str, from_ns: int, to_ns: int | None) -> list[pl.Expr]:
    column = pl.col(name)
    return [column >= from_ns] if to_ns is None else [column >= from_ns, column < to_ns]


def _batches(rows: pl.LazyFrame, begins: pl.Series) -> Iterator[pl.DataFrame]:
    """In order, each with the phases that its rows are in."""
    for batch in rows.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True, engine="streaming"):
        yield _in_phases(batch, begins)


def _in_phases(batch: pl.DataFrame, begins: pl.Series) -> pl.DataFrame:
    phase = pl.Series("place", begins.search_sorted(batch["end_ns"], side="right"), dtype=pl.Int64)
    return _in_order(batch.with_columns(phase))


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By phase, second and rank, so that a frame is of many rows; of one second, the rank that ended first comes first.

    A workload may have sent what ended earlier after what ended later, and ranks speak by turns.
    """
    one_rank = rows["rank"].n_unique() < 2
    if one_rank and rows["end_ns"].is_sorted():
        return rows
    if one_rank:
        return rows.sort("end_ns", maintain_order=True)
    of_rank = ["place", _SECOND, "run", "rank"]
    last = pl.col("end_ns").max().over(of_rank)
    return rows.sort("place", _SECOND, last, "run", "rank", "end_ns", maintain_order=True)


def _frames(rows: pl.DataFrame, kind: type[Steps] | type[Requests]) -> Iterator[tuple[int, Steps | Requests]]:
    columns = {name: PackedSeries(rows[name]) for name in ITEM_COLUMNS[kind]}
    gaps = rows[GAPS] if kind is Requests else None
    missing = [column.missing for column in columns.values()]
    places = _places(rows, missing if gaps is None else [*missing, gaps.is_null()])
    runs, ranks, ends = rows["run"], rows["rank"], rows["end_ns"]
    for first, last in pairwise(places):
        packed = {
            name: None if column.missing[first] else column.stretch(first, last) for name, column in columns.items()
        }
        if gaps is not None and gaps[first] is not None:
            each = PackedSeries(gaps[first:last].list.explode(empty_as_null=False))
            packed[GAPS] = each.stretch(0, len(each.missing))
        yield ends[last - 1], kind(run=runs[first], rank=ranks[first], **packed)  # type: ignore[arg-type]


def _places(rows: pl.DataFrame, missing: list[pl.Series]) -> list[int]:
    """Where frames begin: where run, rank, phase or second change, or what was measured; and the end of the rows."""
    keys = rows.select("run", "rank", "place", _SECOND, piece=pl.int_range(pl.len()) // MOST_ROWS)
    partly = [column.alias(f"missing {place}") for place, column in enumerate(missing) if column.any() != column.all()]
    first = keys.with_columns(partly).select(pl.any_horizontal(pl.all() != pl.all().shift(1)).fill_null(value=True))
    return [*first.to_series().arg_true(), len(rows)]
