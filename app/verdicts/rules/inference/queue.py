"""queue-saturated: more requests are due than are served, and those that wait become more and more."""

from __future__ import annotations

from math import sqrt
from typing import Final

from app.session.queueing import BY_CHANCE, FEWEST, GROWTH
from app.text.numbers import count, significant
from app.verdicts.rules.inference.serving import batch_size, serves
from app.verdicts.rules.limits import at_limit
from app.verdicts.rules.settings import doubled, parameter
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

BETWEEN_QUARTERS: Final = 0.75
"""Of the window lies between the middles of its first and its last quarter."""
CRITICAL: Final = 2.0
"""Times as many due as served: half of all requests and more are never answered in time."""


def queue_saturated(window: Window) -> Verdict | Missing | None:
    """The queue grew by more than chance, and is longer than chance makes it; `app.analysis.saturation` says why."""
    requests = serves(window)
    if requests is None or window.load != "open":
        return None
    first, last, due = requests.waiting_first, requests.waiting_last, requests.due_per_s
    if first is None or last is None or due is None:
        return Missing("queue-saturated", "nobody says how many requests wait")
    arrived = due * (requests.seconds if window.whole else window.seconds)
    if arrived < FEWEST:
        return Missing("queue-saturated", f"{arrived:,.0f} requests were due, {FEWEST} are needed")
    chance = BY_CHANCE * sqrt(arrived)
    grown = (last - first) / BETWEEN_QUARTERS
    if grown < chance or last < GROWTH * first or last < chance:
        return None
    served = max(1e-9, due - grown / (arrived / due))
    ratio = due / served
    return at_limit(
        window,
        "queue-saturated",
        severity="critical" if ratio >= CRITICAL else "warning",
        says=f"{significant(due)} requests/s are due, {significant(served)} served; {count(round(last))} wait",
        evidence=(
            Evidence(name="waiting, last quarter", value=last, limit=chance, source="requests"),
            Evidence(name="waiting, first quarter", value=first, source="requests"),
            Evidence(name="due", value=due, unit="1/s", source="requests"),
            Evidence(name="served", value=served, unit="1/s", source="requests"),
            *_times(requests),
        ),
        try_this=_next(window, requests, served),
        bound=ratio,
        because=f"keeping up needs {ratio:.2f} times the service rate",
        confidence="high" if grown >= 2 * chance else "medium",
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
