"""Rows of rollups → the fewest that say all that lies before an instant: long stretches, and short ones at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from app.analysis.rollups.schema import COURSE, FACTOR, LEVELS, ROWS_A_GROUP, SECOND_NS, SLOW, WHAT
from app.session.live.buckets import KEPT
from app.session.live.past import MOST
from app.session.live.recent import RECENT_NS
from app.session.store.manifest import RunRecord

FINE_S: Final = RECENT_NS // SECOND_NS + 1
"""Seconds at the end of what a run measured that come one by one: its newest rates and parts are made of them."""

MOST_COURSES: Final = 4
"""Runs whose course is given, the newest; the chart shows one."""


def sum_rows(rollups: pl.LazyFrame, runs: Sequence[RunRecord], edge: int) -> pl.DataFrame:
    """Rows of sums of all seconds before `edge`, each sample in one of them, in the order of time."""
    sums = rollups.filter(pl.col("what") <= WHAT["requests"])
    keys = sums.select("row", "level", "index", "phase_ns").collect()
    widths = {level: FACTOR**level for level in range(LEVELS)}
    width = pl.col("level").replace_strict(widths, return_dtype=pl.Int64)
    end, above = (pl.col("index") + 1) * width, (pl.col("index") // FACTOR + 1) * width * FACTOR
    inside, top = end <= pl.col("coarse"), pl.col("level") == LEVELS - 1
    one = (pl.col("level") == 0) & (pl.col("index") >= pl.col("coarse")) & (pl.col("index") < pl.col("until"))
    chosen = keys.join(_spans(runs, edge), on="phase_ns").filter((inside & (top | (above > pl.col("coarse")))) | one)
    return _those(rollups, chosen["row"].sort()).sort("last_ns", maintain_order=True)


def run_courses(rollups: pl.LazyFrame, edge: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Seconds of a stretch, and the rows before `edge` of one run: long stretches, and then its newest seconds."""
    course = rollups.filter(what=WHAT["course"], device="")
    index = pl.col("index") * FACTOR
    spans = course.filter(level=1).group_by("run").agg(first=index.min(), last=index.max() + FACTOR)
    known = spans.filter(pl.col("first") < edge).sort("last").tail(MOST_COURSES).collect()
    for run, first, last in known.iter_rows():
        own = course.filter(run=run)
        newest = min(edge, last)
        level, turn = _turn(first, newest)
        if level:
            yield FACTOR**level, _in_order(own.filter(pl.col("index") < turn // FACTOR**level, level=level))
        yield 1, _in_order(own.filter(pl.col("index") >= turn, pl.col("index") < newest, level=0))


def device_courses(rollups: pl.LazyFrame, edge: int) -> tuple[int, int, pl.DataFrame]:
    """The first of the newest seconds before `edge`, which are in no rows; seconds of a stretch before; its rows."""
    course = rollups.filter(pl.col("device") != "", what=WHAT["course"])
    first = course.filter(level=1).select(pl.col("index").min()).collect().item()
    level, turn = _turn((first or 0) * FACTOR, edge)
    rows = course.filter(pl.col("index") < turn // FACTOR**level, level=level) if level else course.clear()
    return turn, FACTOR**level, _in_order(rows)


def slow_rows(rollups: pl.LazyFrame, edge: int) -> pl.DataFrame:
    """Those that ended before `edge`."""
    return (
        rollups.filter(pl.col("last_ns") < edge * SECOND_NS, what=WHAT["slow"]).select(*SLOW).sort("last_ns").collect()
    )


def longest_ns(rollups: pl.LazyFrame) -> int:
    """Of all steps."""
    steps = rollups.filter(what=WHAT["steps"], level=LEVELS - 1)
    return int(steps.select(pl.col("times_largest").max()).collect().item() or 0)


def _those(rollups: pl.LazyFrame, rows: pl.Series) -> pl.DataFrame:
    """Rows by their places, which rise; whole groups of rows between them are not read."""
    pieces = []
    for (_,), own in pl.DataFrame({"row": rows}).group_by(
        rows.diff().fill_null(0).gt(ROWS_A_GROUP).cum_sum(), maintain_order=True
    ):
        places = own["row"].cast(pl.Int64)
        first, last = places[0], places[-1]
        pieces.append(rollups.slice(first, last - first + 1).collect()[(places - first).to_list()])
    return pl.concat(pieces) if pieces else rollups.clear().collect()


def _in_order(course: pl.LazyFrame) -> pl.DataFrame:
    return course.select(*COURSE).sort("device", "name", "index").collect()


def _turn(first: int, newest: int) -> tuple[int, int]:
    """Of a course of these seconds: the level of its long stretches, and the second from which on there are none.

    The longest that are not longer than a column of a chart of all: MOST columns, each a power of two.
    """
    column = 1
    while newest // column - first // column >= MOST:
        column *= 2
    level = max(level for level in range(LEVELS) if FACTOR**level <= column)
    width = FACTOR**level
    return level, max(0, newest - KEPT) // width * width if level else 0


def _spans(runs: Sequence[RunRecord], edge: int) -> pl.DataFrame:
    """Between each two begins of phases: the second after the last, and the one from which on they come one by one."""
    begins = sorted({phase.at_ns for run in runs for phase in run.phases})
    newest = {
        max(
            (phase.at_ns for phase in run.phases if phase.phase == "measure" and phase.at_ns < edge * SECOND_NS),
            default=-1,
        )
        for run in runs
    }
    ends = [min(edge, at // SECOND_NS + 1) for at in begins]
    until = [*ends, edge]
    coarse = [last - (FINE_S if at in newest else 0) for at, last in zip([-1, *begins], until, strict=True)]
    return pl.DataFrame(
        {"phase_ns": [-1, *begins], "until": until, "coarse": coarse}, schema_overrides={"phase_ns": pl.Int64}
    )
