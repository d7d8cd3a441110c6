"""The schedule: when each request of a run is due, settled before it is measured, and how long it may be served."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workloads.entries.load import BURST, MOST, TRACE
from workloads.infer.load.arrivals import Gaps, arrivals, gamma_gaps, poisson_gaps
from workloads.run import Run
from workloads.trace import read_trace, write_trace

NS: Final = 1_000_000_000
SHORTEST_NS: Final = NS
"""What is outstanding is served for so long at least, however short the schedule is."""


@dataclass(frozen=True)
class Schedule:
    """Nanoseconds from the start of measuring."""

    due_ns: Sequence[int]
    """When each request is due, in order."""
    span_ns: int
    """How long requests may come; measuring does not end before."""
    limit_ns: int
    """After so long nothing is begun any more."""


def spanning(due_ns: Sequence[int], span_ns: int) -> Schedule:
    """What is outstanding at the end is served for as long again as requests came."""
    return Schedule(due_ns, span_ns, span_ns + max(span_ns, SHORTEST_NS))


def scheduled_arrivals(run: Run, *, duration_s: float, batch: int) -> Schedule:
    """Of a load of poisson, burst or trace, kept in the session's folder.

    `duration_s` is the workload's own length; `--steps` are batches of requests. Raises ValueError for a trace that
    is none, and where nothing is ever due.
    """
    kind, steps, ordered_s = run.text("load"), run.order.steps, run.order.duration_s
    count = None if steps is None else steps * batch
    if kind == TRACE:
        due = _cut(read_trace(Path(run.text("trace"))), count, ordered_s)
        span_s = ordered_s
    else:
        count = int(run.parameters["requests"]) or count
        span_s = ordered_s if count is not None or ordered_s is not None else duration_s
        due = arrivals(_gaps(run), count=count, duration_s=span_s)
    if not due:
        raise ValueError(f"load={kind}: no request is due within {span_s or 0:g} s: set a higher rate, or --duration")
    write_trace(
        run.folder / f"arrivals-{run.order.run}.txt",
        due,
        f"{run.entry.name}, load {kind}: when requests were due, in seconds from the start of measuring",
    )
    last_ns = due[-1]
    return spanning(due, last_ns if span_s is None else max(last_ns, _ns(span_s)))


def arrivals_anew(run: Run, span_ns: int) -> Schedule:
    """Of a load of poisson or burst whose rate or batch was changed: drawn for what is left of the time."""
    return spanning(arrivals(_gaps(run), count=None, duration_s=span_ns / NS), span_ns)


def all_at_once(run: Run, *, duration_s: float, batch: int, rate: float | None) -> Schedule:
    """Of an offline load: `requests`, or as many as are served in the duration at that rate.

    Raises ValueError where the rate is needed and not known.
    """
    count, ordered_s, steps = int(run.parameters["requests"]), run.order.duration_s, run.order.steps
    span_s = duration_s if ordered_s is None else ordered_s
    if not count and steps is not None:
        count = steps * batch
    if count:
        # How many there are was said, so that they are all served however long it takes, unless that was said as well.
        # It is over with the last one: waiting for the rest of the duration would be measured as a lower throughput.
        limit = 1 << 62 if ordered_s is None else spanning((), _ns(ordered_s)).limit_ns
        return Schedule(_zeros(count), 0, limit)
    if rate is None:
        raise ValueError(
            "load=offline needs a warm-up to know how many requests fit, or their number: --set requests=N"
        )
    count = max(batch, min(MOST, round(rate * span_s)))
    run.log(f"offline: {count:,} requests, as many as {rate:,.0f} a second of the warm-up come to in {span_s:g} s")
    return Schedule(_zeros(count), 0, 2 * _ns(span_s))


def _gaps(run: Run) -> Gaps:
    # Repeats are repeats of the draw as well: an interval over them holds what comes of the arrivals.
    seed, rate = (run.order.seed, run.order.repeat), run.number("rate")
    return gamma_gaps(rate, run.number("burstiness"), seed) if run.text("load") == BURST else poisson_gaps(rate, seed)


def _cut(due: array[int], count: int | None, duration_s: float | None) -> array[int]:
    kept = due if count is None else due[:count]
    return kept if duration_s is None else array("q", (ns for ns in kept if ns < duration_s * NS))


def _zeros(count: int) -> Sequence[int]:
    return array("q", bytes(8 * count))


def _ns(seconds: float) -> int:
    return round(seconds * NS)
