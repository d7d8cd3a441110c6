"""Held against MLPerf LoadGen: the same net, the same Server schedule, in turns; and against a queue computed by hand.

Every request takes the same time (see `fixed_service`), so that a queue of the schedule can be computed exactly, and
nothing but the load generators themselves is compared. LoadGen draws the schedule from its seed; benchtop is given it
as a trace, and LoadGen's log says when each query was due there: both are checked to be the same to a microsecond.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from app.analysis.load import load
from app.analysis.statistics.early_stopping import over_latency
from app.analysis.summary.making import summarise
from app.headless import run_headless
from app.session.planning import RunRequest, make_plan
from app.session.planning.plan import MODULE_COMMAND
from tests.bench.fixed_service import SERVICE_NS
from tests.bench.loadgen_side import SERVER, SINGLE_STREAM
from tests.bench.row import Row
from tests.bench.schedule import Nanoseconds, lindley, server_schedule

PAIRS = 3
SEED = 12345
RATE = 0.6e9 / SERVICE_NS
"""Six tenths of what can be served: queues form, and what a generator takes of the service is not multiplied much."""
COUNT = 1_600
"""Half a minute of it."""
MOST = 2.0
"""Percent."""
QUANTILES = {"p50": 50, "p90": 90, "p99": 99}
STREAM = 1_000
"""Queries of the single stream."""
SAME_NS = 1_000

Latencies = dict[str, float]
"""p50, p90 and p99 from schedule, in milliseconds; of benchtop's also the median `service`."""


def measure(home: Path) -> Iterator[Row]:
    """All rows of it."""
    weights = _trained(home)
    due = server_schedule(SEED, RATE, COUNT)
    trace = home / "server.trace"
    trace.write_text("".join(f"{ns / 1e9:.9f}\n" for ns in due))
    mine: list[Latencies] = []
    theirs: list[Latencies] = []
    for pair in range(PAIRS):
        for side in (0, 1) if pair % 2 else (1, 0):
            if side:
                mine.append(_benchtop(home, weights, trace))
            else:
                theirs.append(_loadgen(home / f"loadgen-{pair}", weights, due))
    # What a request took is what was asked for and some of Python's time: a queue multiplies the latter as well.
    service_ms = statistics.median(run["service"] for run in mine)
    by_hand = _quantiles(lindley(due, round(service_ms * 1e6)))
    found = {"benchtop": _middle(mine), "LoadGen": _middle(theirs), "by hand": by_hand}
    how = f"median of {PAIRS} runs each, in turns; {COUNT:,} queries at {RATE:.0f}/s, {SERVICE_NS / 1e6:g} ms each"
    yield _row("the same net and Server schedule as MLPerf LoadGen", found, "benchtop", "LoadGen", how)
    yield _row(
        "the queue of that schedule, computed by hand",
        found,
        "benchtop",
        "by hand",
        f"Lindley's recursion, {service_ms:.3f} ms a request as measured",
    )
    yield _early_stopping(home / "loadgen-stream", weights)


def _row(what: str, found: dict[str, Latencies], one: str, other: str, how: str) -> Row:
    apart = {name: 100 * (found[one][name] / found[other][name] - 1) for name in QUANTILES}
    told = ", ".join(
        f"{name} {found[one][name]:.2f} and {found[other][name]:.2f} ms ({apart[name]:+.1f} %)" for name in QUANTILES
    )
    return Row(
        what=f"latency from schedule against {what}",
        measured=told,
        floor=f"within {MOST:g} %",
        reached=all(abs(each) <= MOST for each in apart.values()),
        how=how,
    )


def _trained(home: Path) -> Path:
    """Weights of the net."""
    plan = make_plan(RunRequest(workloads=("train/digits",), steps=50), time.time_ns())
    return run_headless(home, plan, sys.stderr).weights(1)


def _benchtop(home: Path, weights: Path, trace: Path) -> Latencies:
    """A session like any other, but for its worker's fixed service."""
    settings = (f"weights={weights}", "max_batch=1", "threads=1", "load=trace", f"trace={trace}")
    plan = make_plan(RunRequest(workloads=("infer/digits",), settings=settings), time.time_ns())
    worker = (*MODULE_COMMAND, "tests.bench.fixed_service")
    (run,) = summarise(load(run_headless(home, replace(plan, worker=worker), sys.stderr))).runs
    assert run.times is not None, run.failure
    assert run.times.count == COUNT, f"{run.times.count} of {COUNT} requests were answered"
    assert run.times.p90_ms is not None
    assert run.times.p99_ms is not None
    assert run.service is not None
    return {
        "p50": run.times.p50_ms,
        "p90": run.times.p90_ms,
        "p99": run.times.p99_ms,
        "service": run.service.p50_ms,
    }


def _loadgen(folder: Path, weights: Path, due: Nanoseconds) -> Latencies:
    """Of the latencies that LoadGen logged. Its schedule is checked to be the one that benchtop was given.

    Its own summary takes the nearest of the sorted latencies, where benchtop interpolates: in the tail of so few
    that alone is a percent or more.
    """
    _run_loadgen(SERVER, folder, weights)
    began, latencies = _traced(folder)
    assert np.abs((began - began[0]) - due).max() <= SAME_NS, "LoadGen's schedule is another one"
    return _quantiles(latencies)


def _early_stopping(folder: Path, weights: Path) -> Row:
    """LoadGen's estimates of a single stream against ours from the same latencies, which its log tells."""
    _run_loadgen(SINGLE_STREAM, folder, weights)
    _, latencies = _traced(folder)
    summary = (folder / "mlperf_log_summary.txt").read_text()
    told = re.findall(r"Early stopping ([\d.]+)th percentile estimate: (\d+)", summary)
    theirs = {float(share): int(ns) for share, ns in told}
    in_order = np.sort(latencies)
    mine = {share: int(in_order[-over_latency(len(in_order), share / 100)]) for share in theirs}
    pairs = (f"p{share:g} {mine[share] / 1e6:.6f} and {ns / 1e6:.6f} ms" for share, ns in theirs.items())
    return Row(
        what="MLPerf's early-stopping estimates of one set of latencies against LoadGen's own",
        measured=", ".join(pairs) or "LoadGen told none",
        floor="equal to the nanosecond",
        reached=bool(theirs) and mine == theirs,
        how=f"a single stream of {STREAM:,} queries",
    )


def _run_loadgen(scenario: str, folder: Path, weights: Path) -> None:
    folder.mkdir()
    count = COUNT if scenario == SERVER else STREAM
    module = (sys.executable, "-m", "tests.bench.loadgen_side")
    subprocess.run(
        (*module, scenario, str(folder), str(weights), str(SEED), repr(RATE), str(count)),
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def _traced(folder: Path) -> tuple[Nanoseconds, Nanoseconds]:
    """When each query was due, on LoadGen's clock, and how long it took from there; in the order of the former."""
    pattern = re.compile(r'"name":"Sample".*"ph":"b".*"ts":([\d.]+).*"complete_ns":(\d+)')
    lines = (folder / "mlperf_log_trace.json").read_text().splitlines()
    found = filter(None, map(pattern.search, lines))
    rows = sorted((round(float(each[1]) * 1e3), int(each[2])) for each in found)
    due, taken = zip(*rows, strict=True)
    return np.array(due), np.array(taken)


def _quantiles(latencies: Nanoseconds) -> Latencies:
    return {name: float(np.percentile(latencies, share)) / 1e6 for name, share in QUANTILES.items()}


def _middle(runs: list[Latencies]) -> Latencies:
    return {name: statistics.median(run[name] for run in runs) for name in QUANTILES}
