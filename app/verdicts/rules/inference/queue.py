"""queue-saturated: more requests are due than are served, and those that wait become more and more."""

from __future__ import annotations

from math import sqrt
from typing import Final

from app.session.results.queueing import BY_CHANCE, FEWEST, GROWTH
from app.text.numbers import count, significant
from app.verdicts.rules.inference.serving import batch_size, serves
from app.verdicts.rules.settings import doubled, parameter
from app.verdicts.rules.telling import verdict
from app.verdicts.window import RequestSums, Window
from workloads.entries.load import BURST
from workloads.wire.frames import Evidence, Missing, Verdict

QUEUE: Final = "queue_requests"
CRITICAL: Final = 2.0
"""Times as many due as served: half of all requests and more are never answered in time."""


def queue_saturated(window: Window) -> Verdict | Missing | None:
    """More was due than served by more than chance has it, and the queue grew: `app.analysis.summary.saturation`."""
    requests = serves(window)
    if requests is None or window.load != "open":
        return None
    due, seconds = requests.due_per_s, requests.seconds if window.whole else window.seconds
    if due is None or seconds <= 0:
        return Missing("queue-saturated", "nobody says how many requests are due")
    served = requests.count / seconds
    # Of a whole run, until the last request was due; what is left is served afterwards, if at all.
    arrived = float(requests.count + requests.unserved) if window.whole else due * seconds
    if arrived < FEWEST:
        return Missing("queue-saturated", f"{arrived:,.0f} requests were due, {FEWEST} are needed")
    chance, grown = BY_CHANCE * sqrt(arrived * _unevenness(window)), arrived - served * arrived / due
    first, last = requests.waiting_first, requests.waiting_last
    if grown < chance or (first is not None and last is not None and (last < GROWTH * first or last < chance)):
        return None
    longest = window.worker.largest.get(QUEUE) or requests.unserved or last
    ratio = due / served
    return verdict(
        window,
        "queue-saturated",
        severity="critical" if ratio >= CRITICAL else "warning",
        says=f"{significant(due)} requests/s are due, {significant(served)} served"
        + (f"; {count(round(longest))} wait" if longest else ""),
        evidence=(
            Evidence(name="more due than served", value=grown, limit=chance, source="requests"),
            *_waiting(requests),
            Evidence(name="due", value=due, unit="1/s", source="requests"),
            Evidence(name="served", value=served, unit="1/s", source="requests"),
            *_times(requests),
        ),
        try_this=_next(window, requests, served),
        bound=ratio,
        because=f"keeping up needs {ratio:.2f} times the service rate",
        confidence="high" if grown >= 2 * chance else "medium",
    )


def _unevenness(window: Window) -> float:
    """Variance of the number of arrivals, of that of Poisson's: gaps of a gamma distribution of shape k give 1 / k."""
    burstiness = parameter(window, "burstiness") if parameter(window, "load") == BURST else None
    return 1 / burstiness if isinstance(burstiness, float) and burstiness > 0 else 1.0


def _waiting(requests: RequestSums) -> tuple[Evidence, ...]:
    if requests.waiting_first is None or requests.waiting_last is None:
        return ()
    return (
        Evidence(name="waiting, last quarter", value=requests.waiting_last, source="requests"),
        Evidence(name="waiting, first quarter", value=requests.waiting_first, source="requests"),
    )


def _times(requests: RequestSums) -> tuple[Evidence, ...]:
    if requests.queue_ns is None or requests.service_ns is None or not requests.count:
        return ()
    return (
        Evidence(name="time in the queue", value=requests.queue_ns / requests.count, unit="ns", source="requests"),
        Evidence(name="service time", value=requests.service_ns / requests.count, unit="ns", source="requests"),
    )


HEADROOM: Final = 0.8
"""Of what is served. Waiting times of an M/D/1 queue are then twice the service time, and beyond it they run away."""


def _next(window: Window, requests: RequestSums, served: float) -> str:
    started = window.started
    if started is None or window.hooked:
        return "a larger batch where its service grows slower than it, another worker, or fewer requests"
    less = f"--load {parameter(window, 'load')}:rate={HEADROOM * served:.3g} keeps up"
    full = parameter(window, "max_batch") or parameter(window, "batch")
    twice = doubled(window, "batch")
    if twice is not None and isinstance(full, int) and batch_size(requests) >= 0.9 * full:
        return f"{less}; --set {started.workload}.batch={twice} serves more at once"
    return less
