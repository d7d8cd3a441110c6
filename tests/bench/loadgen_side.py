"""One run of MLPerf LoadGen: `python -m tests.bench.loadgen_side SCENARIO FOLDER WEIGHTS SEED RATE COUNT`.

Serves the net of `infer/digits`, one image a query, each in the same time (see `fixed_service`); LoadGen leaves its
logs in FOLDER. The system under test works in the thread that LoadGen calls, one query after the other: what it is late
for counts, since LoadGen's latency begins when a query was scheduled. A thread of its own would only fight with
LoadGen's for the interpreter.
"""

from __future__ import annotations

import ctypes
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mlperf_loadgen as loadgen
import torch

from tests.bench.fixed_service import SERVICE_NS, wait_until
from workloads.data.digits import split_digits
from workloads.train.digits_weights import load_digits

SERVER, SINGLE_STREAM = "server", "single-stream"
PR_SET_TIMERSLACK = 29
SHORT_NS = 300_000
"""Service of a query of a single stream: there is no queue in it to be compared, only how its log is read."""


def main(scenario: str, folder: str, weights: str, *, seed: int, rate: float, count: int) -> None:
    """Run it once."""
    # LoadGen sleeps until a query is due. Linux may end a sleep 50 µs late, unless told otherwise.
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    torch.set_num_threads(1)
    issue = _serving(Path(weights), SERVICE_NS if scenario == SERVER else SHORT_NS)
    system = loadgen.ConstructSUT(issue, lambda: None)
    library = loadgen.ConstructQSL(64, 64, lambda _: None, lambda _: None)
    try:
        loadgen.StartTestWithLogSettings(system, library, _settings(scenario, seed, rate, count), _logs(folder), "")
    finally:
        loadgen.DestroyQSL(library)
        loadgen.DestroySUT(system)


def _serving(weights: Path, service_ns: int) -> Callable[[Sequence[Any]], None]:
    """What LoadGen calls with the queries that are due."""
    device = torch.device("cpu")
    loaded = load_digits(weights, device)
    pixels = split_digits(loaded.seed).held_out.pixels
    empty = array("B", b"\0")
    place, size = empty.buffer_info()

    def issue(queries: Sequence[Any]) -> None:
        for query in queries:
            end_ns = time.monotonic_ns() + service_ns
            with torch.inference_mode():
                loaded.net(pixels[query.index : query.index + 1]).argmax(1).item()
            wait_until(end_ns)
            loadgen.QuerySamplesComplete([loadgen.QuerySampleResponse(query.id, place, size)])

    return issue


def _settings(scenario: str, seed: int, rate: float, count: int) -> Any:
    settings = loadgen.TestSettings()
    settings.mode = loadgen.TestMode.PerformanceOnly
    settings.min_duration_ms = 0
    settings.min_query_count = settings.max_query_count = count
    settings.schedule_rng_seed = seed
    if scenario == SERVER:
        settings.scenario = loadgen.TestScenario.Server
        settings.server_target_qps = rate
        settings.server_target_latency_ns = 1_000_000_000
    else:
        settings.scenario = loadgen.TestScenario.SingleStream
    return settings


def _logs(folder: str) -> Any:
    logs, output = loadgen.LogSettings(), loadgen.LogOutputSettings()
    output.outdir = folder
    logs.log_output = output
    logs.enable_trace = True
    return logs


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*given[:3], seed=int(given[3]), rate=float(given[4]), count=int(given[5]))
