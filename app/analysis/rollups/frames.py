"""Rows of rollups → the frames that a session is fed with in the place of samples and readings."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from app.analysis.rollups.schema import FACTOR, SECOND_NS, WHAT
from app.session.live.recent import PARTS
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import Counts, Courses, Rollup, SlowOne, Stretches


def rollup_frames(sums: pl.DataFrame, slow: pl.DataFrame, begins: pl.Series) -> Iterator[tuple[int, Rollup]]:
    """(when its last sample ended, frame), in the order of the rows. `slow`: those of the same time."""
    slowest = _by_row(sums, slow, begins)
    for place, row in enumerate(sums.iter_rows(named=True)):
        yield row["last_ns"], _rollup(row, tuple(slowest.get(place, ())))


def courses_frame(rows: pl.DataFrame, seconds: int, edge: int, read_ns: int | None = None) -> Courses:
    """Of one run or one device; rows are in the order of name and index."""
    return Courses(
        run=rows["run"][0],
        device=rows["device"][0],
        until_ns=edge * SECOND_NS,
        read_ns=read_ns,
        seconds=seconds,
        courses={str(name): _stretches(own) for (name,), own in rows.group_by("name", maintain_order=True)},
    )


def _stretches(rows: pl.DataFrame) -> Stretches:
    return Stretches(
        index=pack_integers(rows["index"].to_list()),
        total=pack_floats(rows["total"].to_list(), double=True),
        count=pack_integers(rows["count"].to_list()),
    )


def _by_row(sums: pl.DataFrame, slow: pl.DataFrame, begins: pl.Series) -> dict[int, list[SlowOne]]:
    """Slow samples by the place of the row in whose stretch they ended."""
    stretches: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for place, (run, rank, phase_ns, level, index) in enumerate(
        sums.select("run", "rank", "phase_ns", "level", "index").iter_rows()
    ):
        stretches[run, rank, phase_ns].append((index * FACTOR**level, place))
    for known in stretches.values():
        known.sort()
    found: dict[int, list[SlowOne]] = defaultdict(list)
    since = [-1, *begins]
    for row in slow.iter_rows(named=True):
        phase_ns = since[bisect_right(begins, row["last_ns"])]
        known = stretches.get((row["run"], row["rank"], phase_ns), [])
        at = bisect_right(known, row["last_ns"] // SECOND_NS, key=lambda each: each[0]) - 1
        if at >= 0:
            parts = tuple((part["name"], part["ns"]) for part in row["parts"])
            found[known[at][1]].append(SlowOne(row["began_ns"], row["wall_ns"], parts))
    return found


def _rollup(row: Mapping[str, Any], slowest: tuple[SlowOne, ...]) -> Rollup:
    requests = row["what"] == WHAT["requests"]
    return Rollup(
        run=row["run"],
        rank=row["rank"],
        kind="requests" if requests else "steps",
        began_ns=row["last_ns"] if row["began_ns"] is None else row["began_ns"],
        last_ns=row["last_ns"],
        count=row["count"],
        units=row["units"],
        wall_ns=row["wall_ns"],
        times=_counts(row, "times") or Counts(b"I", b"I", 0),
        parts={part: ns for part in PARTS if (ns := row[f"{part}_ns"]) is not None},
        tokens=row["tokens"],
        loss=row["loss"],
        slowest=slowest,
        failed=row["failed"],
        waits=_counts(row, "waits"),
        ttft=_counts(row, "ttft"),
        tpot=_counts(row, "tpot"),
        itl=_counts(row, "itl"),
        itl_ns=row["itl_ns"],
        lag=_counts(row, "lag"),
        good=row["good"] if requests else None,
    )


def _counts(row: Mapping[str, Any], of: str) -> Counts | None:
    keys = row[f"{of}_keys"]
    if not keys:
        return None
    return Counts(pack_integers(keys), pack_integers(row[f"{of}_counts"]), row[f"{of}_largest"])
