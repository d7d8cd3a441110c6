"""The live state of one run's samples: columns as they come are split into buckets, sums and counts.

Memory does not grow with the number of samples, and no step of the interpreter is taken for each of
them but where it cannot be helped. Nothing here knows devices, logs or the plan.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import compress
from math import isfinite
from operator import not_, sub
from typing import Literal

from app.session.live.buckets import BUCKET_NS, KEPT, spans, spread
from app.session.live.histogram import counted, keys_of
from app.session.live.recent import PARTS, Portion, Recent
from app.session.live.tally import Tally
from app.session.live.timeline import Timeline
from app.session.live.view import Parts
from workloads.wire.columns import unpack, unpack_integers
from workloads.wire.frames import UNSERVED, PhaseName, Requests, Rollup, Steps


class Samples:
    """Steps or requests of one rank of a run. Course and tally are of all its ranks: each adds to the same ones."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._recent = Recent()
        self._tally = Tally()
        self._measuring = False
        self._pausing = False
        self._accounted_ns: int | None = None
        self.bytes_per_unit: float | None = None
        self.flops_per_unit: float | None = None
        self.kind: Literal["steps", "requests"] | None = None
        self.count = 0
        """Steps or requests of measure phases."""
        self.failed = 0
        """Requests of measure phases without an answer; they are no work done and have no latency."""
        self.unserved = 0
        """Requests of measure phases that were due and never served; no work done, and latency until the end."""
        self.loss: float | None = None
        self.diverged = False
        """Whether the newest losses are no numbers any more."""
        self.newest_ns = 0
        """When the newest sample ended."""

    def count_into(self, tally: Tally) -> None:
        """What is measured from here on goes into this tally; another one than before begins with no rate."""
        if tally is not self._tally:
            self._tally, self._recent = tally, Recent()

    def forget_counts(self) -> None:
        """What was counted before is none of the results any more."""
        self.count = self.failed = self.unserved = 0

    def enter(self, phase: PhaseName | None, at_ns: int) -> None:
        """A phase begins, and the one before it ends."""
        if self._accounted_ns is not None and at_ns > self._accounted_ns:
            self._timeline.add_pause(self._accounted_ns, at_ns)
            if self._measuring:
                self._recent.add_pause(at_ns - self._accounted_ns)
            self._timeline.close_old()
        self._measuring = phase == "measure"
        self._pausing = phase in ("evaluate", "cooldown")
        self._accounted_ns = None if phase is None or self._pausing else at_ns

    def add_steps(self, frame: Steps) -> None:
        """Take a frame of steps. Raises ValueError or OverflowError, nothing taken, if its columns are not sound."""
        starts, walls = unpack_integers(frame.start_ns), unpack_integers(frame.wall_ns)
        samples = unpack_integers(frame.samples)
        losses = unpack(frame.loss) if frame.loss is not None else ()
        _check_lengths(len(starts), walls, samples, losses or starts)
        parts = {
            name: sum(unpack_integers(column)) for name in PARTS if (column := getattr(frame, f"{name}_ns")) is not None
        }
        tokens = _total(frame.tokens)
        self.kind = "steps"
        if not starts:
            return

        def end_of(step: int) -> int:
            return starts[step] + walls[step]

        before_ns = starts[0] if self._accounted_ns is None else self._accounted_ns
        self._add(walls, samples, _summed(walls, samples, tokens, parts), starts[0], end_of)
        self._fill_long(before_ns, walls, losses, end_of)
        if losses:
            self._add_losses(losses, end_of)
        self._timeline.close_old()

    def add_requests(self, frame: Requests) -> None:
        """Take a frame of requests, in the order in which they were answered. Raises as `add_steps`."""
        dues, dones = unpack_integers(frame.scheduled_ns), unpack_integers(frame.done_ns)
        samples, outcomes = unpack_integers(frame.samples), unpack_integers(frame.outcome)
        tokens = None if frame.tokens is None else unpack_integers(frame.tokens)
        _check_lengths(len(dues), dones, samples, outcomes, dues if tokens is None else tokens)
        self.kind = "requests"
        if any(outcomes):
            answered = list(map(not_, outcomes))
            if self._measuring:
                unserved = sum(outcome == UNSERVED for outcome in outcomes)
                self.unserved += unserved
                self.failed += len(answered) - sum(answered) - unserved
                self._waited_in_vain(dues, dones, outcomes)
            dues, dones, samples = (array("q", compress(column, answered)) for column in (dues, dones, samples))
            tokens = None if tokens is None else array("q", compress(tokens, answered))
        if dones:
            latencies = list(map(sub, dones, dues))
            portion = _summed(latencies, samples, None if tokens is None else sum(tokens), {})
            self._add(latencies, samples, portion, min(dues), dones.__getitem__)
            self._timeline.close_old()

    def add_rollup(self, frame: Rollup) -> None:
        """Take the sums of a stretch of time; its courses come in frames of their own. Raises as `add_steps`."""
        times, waits = counted(frame.times), counted(frame.waits)
        self.kind = frame.kind
        if self._measuring:
            self.failed += frame.failed
            self.unserved += waits[1]
            self._tally.times.add_counts(*times)
            self._tally.times.add_counts(*waits)
        if not frame.count:
            return
        before_ns = frame.began_ns if self._accounted_ns is None else self._accounted_ns
        if self._measuring:
            self._measured(
                Portion(
                    took_ns=max(0, frame.last_ns - before_ns),
                    count=frame.count,
                    samples=frame.units,
                    tokens=frame.tokens,
                    wall_ns=frame.wall_ns,
                    parts=frame.parts,
                )
            )
        if not self._pausing:
            self._accounted_ns = max(before_ns, frame.last_ns)
        self.newest_ns = max(self.newest_ns, frame.last_ns)
        if frame.loss is not None:
            self.diverged = not isfinite(frame.loss)
            self.loss = None if self.diverged else frame.loss

    def rates(self) -> tuple[float | None, float | None]:
        """Units and tokens a second over the newest seconds of measuring."""
        return self._recent.rates()

    def parts(self) -> Parts | None:
        """Means of the newest steps."""
        return self._recent.parts() if self.kind == "steps" else None

    def _add(
        self,
        times: Sequence[int],
        samples: Sequence[int],
        portion: Portion,
        began_ns: int,
        end_of: Callable[[int], int],
    ) -> None:
        before_ns = began_ns if self._accounted_ns is None else self._accounted_ns
        last_ns, largest = end_of(len(times) - 1), max(times)
        for index, units, work_ns in spread(before_ns, samples, end_of):
            self._timeline.add_work(index, units, work_ns, self.bytes_per_unit, self.flops_per_unit)
        keys = keys_of(times)
        for index, begin, end in spans(len(times), end_of):
            counts = Counter(keys[begin:end])
            self._timeline.add_times(index, counts, end - begin, largest)
            if self._measuring:
                self._tally.times.add_counts(counts, end - begin, largest)
        if self._measuring:
            portion.took_ns = max(0, last_ns - before_ns)
            self._measured(portion)
        if not self._pausing:
            self._accounted_ns = max(before_ns, last_ns)
        self.newest_ns = max(self.newest_ns, last_ns)

    def _waited_in_vain(self, dues: Sequence[int], dones: Sequence[int], outcomes: Sequence[int]) -> None:
        """Those that were never served took no less than until the end of the run, as in the tables' own summary."""
        waits = [done - due for due, done, outcome in zip(dues, dones, outcomes, strict=True) if outcome == UNSERVED]
        self._tally.times.add(waits)

    def _measured(self, portion: Portion) -> None:
        self._recent.add(portion)
        self.count += portion.count
        self._tally.add(portion.samples, portion.tokens)

    def _fill_long(
        self, before_ns: int, walls: Sequence[int], losses: Sequence[float], end_of: Callable[[int], int]
    ) -> None:
        """A step that reaches over whole buckets stands in each of them, so that its chart has no holes."""
        for index, begin, _ in spans(len(walls), end_of):
            began_ns = end_of(begin - 1) if begin else before_ns
            began_ns = max(began_ns, end_of(begin) - walls[begin])
            for inner in range(max(-(-began_ns // BUCKET_NS), index - KEPT), index):
                self._timeline.add_times(inner, Counter(keys_of(walls[begin : begin + 1])), 1, walls[begin])
                if losses and isfinite(losses[begin]):
                    self._timeline.add_loss(inner, losses[begin], 1)

    def _add_losses(self, losses: Sequence[float], end_of: Callable[[int], int]) -> None:
        self.diverged = not isfinite(losses[-1])
        self.loss = None if self.diverged else losses[-1]
        for index, begin, end in spans(len(losses), end_of):
            total = sum(losses[begin:end])
            if isfinite(total):
                self._timeline.add_loss(index, total, end - begin)


def _summed(times: Sequence[int], samples: Sequence[int], tokens: int | None, parts: dict[str, int]) -> Portion:
    return Portion(count=len(times), samples=sum(samples), tokens=tokens, wall_ns=sum(times), parts=parts)


def _check_lengths(length: int, *columns: Sequence[float]) -> None:
    if any(len(column) != length for column in columns):
        raise ValueError(f"columns of one frame are of {length} and {', '.join(str(len(c)) for c in columns)} items")


def _total(column: bytes | None) -> int | None:
    return None if column is None else sum(unpack_integers(column))
