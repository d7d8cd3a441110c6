"""Samples that were among the ten slowest of their run when they ended: so few that every instant can have its own.

Of n samples in any order of size there are about 10 · ln(n / 10) of them, 160 of a hundred million.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import polars as pl

from app.analysis.rollups.schema import SLOW
from app.session.live.slow import MOST
from app.session.live.slow import PARTS as STEP_PARTS

AT_ONCE = 1_000
"""Candidates that are looked at one by one before the others are held against what these were."""

_NAMED = {
    "steps": {part: pl.col(f"{part}_ns") for part in STEP_PARTS},
    "requests": {
        "late": pl.col("sent_ns") - pl.col("scheduled_ns"),
        "queue": pl.col("started_ns") - pl.col("sent_ns"),
        "service": pl.col("done_ns") - pl.col("started_ns"),
    },
}
_TIMED = {
    "steps": (pl.col("start_ns"), pl.col("wall_ns")),
    "requests": (pl.col("scheduled_ns"), pl.col("done_ns") - pl.col("scheduled_ns")),
}


class SlowFinder:
    """Looks at samples in the order of time, batch by batch."""

    def __init__(self) -> None:
        self._slowest: dict[int, list[int]] = {}
        """Run → the ten longest times so far, the shortest of them first."""
        self._found: list[pl.DataFrame] = []

    def take(self, batch: pl.DataFrame, what: str) -> None:
        """The next samples, with `end_ns`."""
        begin, wall = _TIMED[what]
        measured = pl.col("phase") == "measure"
        counts = measured if what == "steps" else measured & (pl.col("outcome") == "answered")
        limit = min((self._limit(run) for run in batch["run"].unique()), default=-1)
        rest = batch.select("run", "end_ns", wall=wall, row=pl.int_range(pl.len()), counts=counts & (wall > limit))
        rest = rest.filter("counts").sort("end_ns", maintain_order=True)
        kept: list[int] = []
        while not rest.is_empty():
            for run, wall_ns, row in rest.head(AT_ONCE).select("run", "wall", "row").iter_rows():
                if self._keeps(run, wall_ns):
                    kept.append(row)
            rest = rest.slice(AT_ONCE)
            limits = {run: self._limit(run) for run in rest["run"].unique()}
            rest = rest.filter(pl.col("wall") > pl.col("run").replace_strict(limits, return_dtype=pl.Int64))
        if kept:
            names = pl.concat_list(
                *(pl.struct(name=pl.lit(name), ns=each) for name, each in _NAMED[what].items())
            ).list.filter(pl.element().struct.field("ns").is_not_null())
            rows = batch[kept].select("run", "rank", began_ns=begin, last_ns="end_ns", wall_ns=wall, parts=names)
            self._found.append(rows.cast(SLOW))  # type: ignore[arg-type]

    def found(self) -> pl.DataFrame:
        """Columns SLOW, in the order of time."""
        return slowest(self._found)

    def _limit(self, run: int) -> int:
        slowest = self._slowest.get(run, [])
        return slowest[0] if len(slowest) >= MOST else -1

    def _keeps(self, run: int, wall_ns: int) -> bool:
        """Whether it is among the ten slowest so far."""
        return _is_slow(self._slowest.setdefault(run, []), wall_ns)


def slowest(pieces: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Those of neighbouring slices of a session → those of all of it."""
    longest: dict[int, list[int]] = {}
    every = pl.concat([pl.DataFrame(schema=SLOW), *pieces]).sort("last_ns", maintain_order=True)
    walls = enumerate(every.select("run", "wall_ns").iter_rows())
    return every[[place for place, (run, wall_ns) in walls if _is_slow(longest.setdefault(run, []), wall_ns)]]


def _is_slow(slowest: list[int], wall_ns: int) -> bool:
    """Whether it is among the ten slowest that are known, and is known from now on."""
    if len(slowest) < MOST:
        heapq.heappush(slowest, wall_ns)
        return True
    return heapq.heappushpop(slowest, wall_ns) != wall_ns
