"""The live state of an objective: how many of the requests so far were good. Memory does not grow with their number."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import and_, lt, sub

from app.session.live.histogram import counted
from app.session.live.view import Good
from app.session.results.slo import Clause, SloMetric
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import Requests, Rollup

ENDS = {"latency": "done_ns", "from-send": "done_ns", "ttft": "first_ns", "queue": "started_ns"}
"""Metrics that are the time between two instants of a request, and the later one of them."""


class Goodness:
    """Of the requests of a run's measure phases, against the clauses of its session."""

    def __init__(self, slo: Sequence[Clause]) -> None:
        self._slo = tuple(slo)
        self._good = self._sent = 0
        self._known = bool(slo)

    def add(self, frame: Requests) -> None:
        """Take a frame of requests. Raises ValueError if its columns are not sound."""
        if not self._known:
            return
        good: list[bool] = [not outcome for outcome in unpack_integers(frame.outcome)]
        for clause in self._slo:
            values = _values(frame, clause.metric)
            if values is None:
                # One that was never served has none of this; where others have none either, nobody can tell.
                self._known = not any(good)
                values = repeat(0, len(good))
            good = list(map(and_, good, map(lt, values, repeat(clause.below_ns))))
        self._good += sum(good)
        self._sent += len(good)

    def add_rollup(self, frame: Rollup) -> None:
        """Take the sums of a stretch of time. Raises ValueError if its columns are not sound."""
        if not self._known:
            return
        self._known = frame.good is not None
        self._good += frame.good or 0
        self._sent += frame.count + frame.failed + counted(frame.waits)[1]

    def view(self) -> Good | None:
        """As it is now; None where there is no objective, no request, or one that lacks what is asked of it."""
        return Good(self._good, self._sent) if self._known and self._sent else None


def _values(frame: Requests, metric: SloMetric) -> Iterator[float] | None:
    """Of each request, nanoseconds; None where they have none. One of a single token has no gap: 0."""
    if metric in ENDS:
        end = getattr(frame, ENDS[metric])
        begin = frame.sent_ns if metric == "from-send" else frame.scheduled_ns
        return None if end is None else map(sub, unpack_integers(end), unpack_integers(begin))
    if frame.tokens is None or (metric == "itl" and frame.itl_ns is None):
        return None
    tokens = unpack_integers(frame.tokens)
    if metric == "tpot":
        taken = map(sub, unpack_integers(frame.done_ns), unpack_integers(frame.first_ns))
        return (ns / (count - 1) if count > 1 else 0 for ns, count in zip(taken, tokens, strict=True))
    return _longest(unpack_integers(frame.itl_ns or b""), tokens)


def _longest(gaps: array[int] | Sequence[int], tokens: Sequence[int]) -> Iterator[float]:
    """Of each request the longest gap."""
    place = 0
    for count in tokens:
        end = place + max(0, count - 1)
        yield max(gaps[place:end], default=0)
        place = end
