"""Whether intervals are right, in thousands of simulated experiments of known truth, and what statistics cost."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from app.analysis.statistics.early_stopping import fixed_count
from app.analysis.statistics.intervals import mean_interval, median_interval
from app.analysis.summary.steadiness import steady_of
from app.analysis.summary.times import times_of
from app.session.results.carried import needed
from tests.analysis.statistics.simulated import BETWEEN, CORRELATION, Shape, called_different, coverage, run_means
from tests.bench.row import Row

EXPERIMENTS = 2_000
SHAPES: tuple[Shape, ...] = ("lognormal", "gamma")
REPEATS = (10, 20)
NOISE = (0.01, 0.02)
"""Standard deviation between runs, a part of the mean."""
REQUESTS = 10_000_000
PUBLISHED = {0.9: 24_576, 0.95: 57_344, 0.97: 90_112, 0.99: 270_336}


def measure(home: Path) -> Iterator[Row]:
    """All rows of it."""
    yield _coverage()
    yield _same()
    yield _faster()
    yield _counts()
    yield _cost(home)


def _coverage() -> Row:
    found = {
        f"{kind} of {repeats} {shape} runs": coverage(
            interval, shape, repeats=repeats, experiments=EXPERIMENTS, truth=truth
        )
        for shape in SHAPES
        for kind, interval, truth in (("mean", mean_interval, 1.0), ("median", median_interval, _true_median(shape)))
        for repeats in REPEATS
    }
    return Row(
        what=f"coverage of the 95 % interval, {EXPERIMENTS:,} simulated experiments each",
        measured=", ".join(f"{name} {100 * part:.1f} %" for name, part in found.items()),
        floor="93 to 97 % each",
        reached=all(0.93 <= part <= 0.97 for part in found.values()),
        how=f"skewed steps, correlated by {CORRELATION} with the one before, and {100 * BETWEEN:g} % between runs",
    )


def _true_median(shape: Shape) -> float:
    """Of run means, to three digits: from 200,000 runs."""
    chance = np.random.default_rng(0)
    return float(np.median([value for _ in range(40) for value in run_means(chance, 5_000, shape)]))


def _same() -> Row:
    found = {
        f"{name} at {100 * noise:g} %": called_different(
            1.0, repeats=10, between=noise, comparisons=EXPERIMENTS, paired=paired
        )
        for name, paired in (("independent", False), ("interleaved", True))
        for noise in NOISE
    }
    return Row(
        what=f"A against A called different, {EXPERIMENTS:,} simulated comparisons each",
        measured=", ".join(f"{name} {100 * part:.1f} %" for name, part in found.items()),
        floor="at most 6 % each",
        reached=max(found.values()) <= 0.06,
        how="10 repeats a side, noise between runs as said",
    )


def _faster() -> Row:
    found = {
        f"{name} at {100 * noise:g} %": called_different(
            1.03, repeats=10, between=noise, comparisons=EXPERIMENTS, paired=paired
        )
        for name, paired in (("independent", False), ("interleaved", True))
        for noise in NOISE
    }
    return Row(
        what=f"a true difference of 3 % found, {EXPERIMENTS:,} simulated comparisons each",
        measured=", ".join(f"{name} {100 * part:.1f} %" for name, part in found.items()),
        floor="80 % each",
        reached=min(found.values()) >= 0.8,
        how="10 repeats a side, noise between runs as said",
    )


def _counts() -> Row:
    found = {share: fixed_count(share) for share in PUBLISHED}
    told = ", ".join(f"p{100 * share:g} {queries:,}" for share, queries in found.items())
    return Row(
        what="query counts that MLPerf published",
        measured=f"early stopping {needed(0.9)} for p90; fixed {told}",
        floor="64; 24,576, 57,344, 90,112, 270,336",
        reached=needed(0.9) == 64 and found == PUBLISHED,
    )


def _cost(home: Path) -> Row:
    """In a process of its own, whose memory is only what this took."""
    table = home / "many.parquet"
    chance = np.random.default_rng(0)
    wall = chance.lognormal(15, 0.5, REQUESTS).astype(np.int64)
    columns = {"rank": np.zeros(REQUESTS, np.int32), "start_ns": np.cumsum(wall) - wall, "wall_ns": wall}
    pl.DataFrame({**columns, "samples": np.ones(REQUESTS, np.int64)}).write_parquet(table)
    done = subprocess.run(
        (sys.executable, "-m", "tests.bench.intervals", str(table)), stdout=subprocess.PIPE, text=True, check=True
    )
    quantiles, steady, memory = map(float, done.stdout.split())
    table.unlink()
    return Row(
        what=f"percentiles with early stopping, and the steady state, of {REQUESTS:,} samples",
        measured=f"{quantiles:.2f} s and {steady:.2f} s, {memory:.2f} GiB at most",
        floor="2 s and 1 s, 1 GiB",
        reached=quantiles <= 2 and steady <= 1 and memory <= 1,
        how="from a Parquet file",
    )


def main(table: str) -> None:
    """Seconds of percentiles, seconds of the steady state, GiB at most."""
    rows = pl.scan_parquet(table)
    began = time.perf_counter()
    assert times_of("latency", rows, pl.col("wall_ns")) is not None
    then = time.perf_counter()
    assert steady_of(rows, [(0, 1 << 62)]) is not None
    ended = time.perf_counter()
    print(then - began, ended - then, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


if __name__ == "__main__":
    main(sys.argv[1])
