"""Load: how requests come to a workload that serves, as the catalogue knows it, and what belongs to which kind.

The kinds are those of MLPerf Inference (offline, single-stream, multi-stream, and its Server scenario, which is
`poisson`) and of the serving benchmarks (closed, with a concurrency; burst, with a burstiness; trace).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workloads.parameters import Parameter
from workloads.wire.frames import RunStarted, Value

CLOSED: Final = "closed"
OFFLINE: Final = "offline"
SINGLE: Final = "single-stream"
MULTI: Final = "multi-stream"
POISSON: Final = "poisson"
BURST: Final = "burst"
TRACE: Final = "trace"
MOST: Final = 5_000_000
"""Requests of a schedule: each keeps a few hundred bytes of memory until it is told."""

KINDS: Final = (CLOSED, OFFLINE, SINGLE, MULTI, POISSON, BURST, TRACE)
SCHEDULES: Final = frozenset({POISSON, BURST, TRACE})
"""Kinds in which a request is due at its own time, however the server is doing: it may queue without bound."""

MAX_BATCH: Final = "max_batch"
MAX_DELAY: Final = "max_delay_ms"

BELONGS: Final[Mapping[str, frozenset[str]]] = {
    "concurrency": frozenset({CLOSED}),
    "rate": frozenset({POISSON, BURST}),
    "burstiness": frozenset({BURST}),
    "trace": frozenset({TRACE}),
    "samples_per_query": frozenset({MULTI}),
    "requests": frozenset({OFFLINE, POISSON, BURST}),
    MAX_DELAY: SCHEDULES,
}
"""Parameter → the kinds of load that it is for; the others are for all of them."""

LOAD: Final = (
    Parameter(
        name="load",
        default=CLOSED,
        meaning="how requests come: each client when it has its answer (closed), all at once (offline), one query "
        "after the other (single-stream, multi-stream), or when they are due (poisson, burst, trace)",
        choices=KINDS,
    ),
    Parameter(
        name="rate",
        default=0.0,
        meaning="of poisson and burst, which need it: requests that are due a second, on average",
        minimum=0.0,
        maximum=1_000_000.0,
    ),
    Parameter(
        name="burstiness",
        default=0.5,
        meaning="of burst: shape of the gamma distribution of gaps; 1 is poisson, less comes in bursts, more evenly",
        minimum=0.001,
        maximum=1_000.0,
    ),
    Parameter(
        name="trace",
        default="",
        meaning="of trace, which needs it: a file with a due time a line, in seconds from the start",
        file=True,
    ),
    Parameter(
        name="samples_per_query",
        default=8,
        meaning="of multi-stream: samples a query, which is answered when all of them are",
        minimum=1,
        maximum=100_000,
    ),
    Parameter(
        name="requests",
        default=0,
        meaning="of offline, poisson and burst: how many there are; 0: as many as the duration has room for",
        minimum=0,
        maximum=MOST,
    ),
)
"""Parameters of every workload that serves."""

BATCHING: Final = (
    Parameter(
        name=MAX_BATCH,
        default=0,
        meaning="requests that the server takes at once, at most; 0: the workload's batch",
        minimum=0,
        maximum=100_000,
        takes_memory=True,
    ),
    Parameter(
        name=MAX_DELAY,
        default=0.0,
        meaning="of poisson, burst and trace: how long a request waits for others to fill its batch; 0: not at all",
        minimum=0.0,
        maximum=60_000.0,
    ),
)
"""Parameters of those that serve several requests at once."""


def check_load(given: Mapping[str, Value]) -> None:
    """Whether the parameters that were set belong together. Raises ValueError, one line."""
    kind = given.get("load", CLOSED)
    for name, kinds in BELONGS.items():
        if name in given and kind not in kinds:
            of = " and ".join(each for each in KINDS if each in kinds)
            raise ValueError(
                f"{name}={given[name]} is for load {of}, and the load is {kind}: leave it out, or set load"
            )
    if kind in BELONGS["rate"] and not given.get("rate"):
        raise ValueError(f"load={kind} needs a rate: --set rate=REQUESTS_PER_S, or --load {kind}:rate=REQUESTS_PER_S")
    if kind == TRACE and not given.get("trace"):
        raise ValueError("load=trace needs a file of due times: --set trace=FILE, or --load trace=FILE")
    batch, most = given.get("batch"), given.get(MAX_BATCH)
    if batch and most and most > batch:  # type: ignore[operator]
        raise ValueError(f"max_batch={most} is more than batch={batch}, the most that is served at once: leave one out")


def scheduled(started: RunStarted | None) -> bool:
    """Whether a run's requests were due at times that its answers did not change."""
    return started is not None and started.parameters.get("load") in SCHEDULES


def belonging(parameters: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters without those that are for another kind of load than theirs: what a configuration is told as."""
    kind = parameters.get("load", CLOSED)
    return {name: value for name, value in parameters.items() if name not in BELONGS or kind in BELONGS[name]}
