"""The live state of how text is told: time to first token, time a token, every gap between two tokens."""

from __future__ import annotations

from itertools import compress
from operator import not_

from app.session.live.histogram import Histogram, counted
from app.session.live.tally import quantiles_of
from app.session.live.view import Told
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import UNSERVED, Requests, Rollup


class Telling:
    """Of the answered requests of a run that have tokens. Memory does not grow with their number.

    One that was never served waited for its first token until the end of the run at least, as in the tables' summary.
    """

    def __init__(self) -> None:
        self._first, self._each, self._gaps = Histogram(), Histogram(), Histogram()
        self._gap_ns = 0
        self._any = False

    def add(self, frame: Requests) -> None:
        """Take a frame of requests. Raises ValueError if its columns are not sound."""
        outcomes = unpack_integers(frame.outcome)
        if any(outcomes):
            instants = zip(unpack_integers(frame.scheduled_ns), unpack_integers(frame.done_ns), outcomes, strict=True)
            self._first.add([done - due for due, done, outcome in instants if outcome == UNSERVED])
        if frame.tokens is None:
            return
        columns = (frame.scheduled_ns, frame.first_ns, frame.done_ns, frame.tokens)
        answered = list(map(not_, outcomes))
        rows = list(zip(*(compress(unpack_integers(column), answered) for column in columns), strict=True))
        firsts = [first - due for due, first, _, tokens in rows if tokens > 0]
        self._any = self._any or bool(firsts)
        self._first.add(firsts)
        self._each.add([(done - first) // (tokens - 1) for _, first, done, tokens in rows if tokens > 1])
        if frame.itl_ns is not None:
            gaps = unpack_integers(frame.itl_ns)
            self._gaps.add(gaps)
            self._gap_ns += sum(gaps)

    def add_rollup(self, frame: Rollup) -> None:
        """Take the sums of a stretch of time. Raises ValueError if its columns are not sound."""
        firsts = counted(frame.ttft)
        self._any = self._any or bool(firsts[1])
        self._first.add_counts(*firsts)
        self._first.add_counts(*counted(frame.waits))
        self._each.add_counts(*counted(frame.tpot))
        self._gaps.add_counts(*counted(frame.itl))
        self._gap_ns += frame.itl_ns

    def view(self, bytes_per_step: float | None) -> Told | None:
        """As it is now. `bytes_per_step`: what a decode step must read; the gaps say how long it took."""
        ttft = quantiles_of(self._first)
        if ttft is None or not self._any:
            return None
        gap_s = self._gap_ns / self._gaps.count / 1e9 if self._gaps.count else 0.0
        return Told(
            ttft=ttft,
            tpot=quantiles_of(self._each),
            itl=quantiles_of(self._gaps),
            decode_bytes_per_s=bytes_per_step / gap_s if bytes_per_step and gap_s else None,
        )
