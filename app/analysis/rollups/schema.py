"""The rows of `rollups.parquet`. It is nobody's contract: whoever needs it makes it again from the tables.

A row is one of four things, by the code of its `what`: the samples of one rank that ended in a stretch of time (`steps`
or `requests`), one number of a `course` in a stretch, or one of the `slow` samples. A stretch of level n is 8ⁿ seconds
long and begins at a multiple of that.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from app.session.live.recent import PARTS

VERSION: Final = "1"
"""Of these rows; a file of another one is made again."""
VERSION_KEY: Final = "rollups"
"""What a file calls it."""

ROWS_A_GROUP: Final = 1 << 13

SECOND_NS: Final = 1_000_000_000
FACTOR: Final = 8
LEVELS: Final = 5
"""1, 8, 64, 512 and 4,096 seconds: an hour is 7 stretches, three days are 63."""

WHAT: Final = {"steps": 0, "requests": 1, "course": 2, "slow": 3}
"""Numbers, by which row groups are left out when a file is read; words are not."""

COUNTED: Final = ("times", "waits", "ttft", "tpot", "itl", "lag")
"""Histograms, as `workloads.wire.frames.Rollup` has them."""

KEYS: Final = ("what", "run", "rank", "phase_ns", "index")
"""What a row of sums is of. `phase_ns` is when the last phase of any run began before its samples ended."""

SUMS: Final[dict[str, pl.DataType]] = {
    "what": pl.UInt8(),
    "run": pl.Int32(),
    "rank": pl.Int32(),
    "phase_ns": pl.Int64(),
    "index": pl.Int64(),
    "began_ns": pl.Int64(),
    "last_ns": pl.Int64(),
    "count": pl.Int64(),
    "units": pl.Int64(),
    "tokens": pl.Int64(),
    "wall_ns": pl.Int64(),
    "loss": pl.Float64(),
    "loss_total": pl.Float64(),
    "losses": pl.Int64(),
    "failed": pl.Int64(),
    "good": pl.Int64(),
    "itl_ns": pl.Int64(),
    # Of the sample that ended first, which may have begun long before the stretch did.
    "first_ns": pl.Int64(),
    "first_units": pl.Int64(),
    "first_wall_ns": pl.Int64(),
    "first_loss": pl.Float64(),
    **{f"{part}_ns": pl.Int64() for part in PARTS},
    **{f"{of}_largest": pl.Int64() for of in COUNTED},
    # A histogram: its buckets, and how many samples each of them has. Null where there is none.
    **{f"{of}_keys": pl.List(pl.UInt16) for of in COUNTED},
    **{f"{of}_counts": pl.List(pl.UInt32) for of in COUNTED},
}

SLOW: Final[dict[str, pl.DataType]] = {
    "run": pl.Int32(),
    "rank": pl.Int32(),
    "began_ns": pl.Int64(),
    "last_ns": pl.Int64(),
    "wall_ns": pl.Int64(),
    "parts": pl.List(pl.Struct({"name": pl.String, "ns": pl.Int64})),
}

COURSE: Final[dict[str, pl.DataType]] = {
    "run": pl.Int32(),
    "device": pl.String(),
    "name": pl.String(),
    "index": pl.Int64(),
    "total": pl.Float64(),
    "count": pl.Int64(),
}
"""`total` and `count` of the numbers that the seconds of a stretch have; `device` is empty for those of a run."""

FILE: Final = pl.Schema(
    {
        "level": pl.UInt8(),
        **SUMS,
        **COURSE,
        **SLOW,
    }
)
"""All columns of the file; what a row is not of is null."""


def coded(what: str) -> pl.Expr:
    """A name of WHAT as a row has it."""
    return pl.lit(WHAT[what], dtype=pl.UInt8)
