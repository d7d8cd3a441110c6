"""The live state of one run's samples: rates, parts and quantiles, from columns as they come.

Memory does not grow with the number of samples. Nothing here knows devices, logs or the plan.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Literal

from app.session.buckets import Mean, Ring, spans
from app.session.histogram import Histogram, keys_of
from app.session.view import Parts, Quantiles
from workloads.wire.columns import unpack, unpack_integers
from workloads.wire.frames import Requests, Steps

RECENT_NS = 5_000_000_000
"""Rates and parts are means over the newest samples of about this long."""

PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer")


class Cell:
    """What fell into one bucket of time."""

    __slots__ = ("_quantiles", "loss", "samples", "times")

    def __init__(self) -> None:
        self.samples = 0
        self.times = Histogram()
        self.loss = Mean()
        self._quantiles: tuple[int, list[float]] = (0, [])

    def add(self, samples: int, keys: Sequence[int], largest: int) -> None:
        """Count samples and the times that they took."""
        self.samples += samples
        self.times.add_keys(keys, largest)

    @property
    def p50(self) -> float | None:
        """Median time, nanoseconds."""
        return self._worked_out()[0] if self.times.count else None

    @property
    def p99(self) -> float | None:
        """Nanoseconds."""
        return self._worked_out()[1] if self.times.count else None

    def _worked_out(self) -> list[float]:
        if self._quantiles[0] != self.times.count:
            self._quantiles = (self.times.count, self.times.quantiles((0.5, 0.99)))
        return self._quantiles[1]


@dataclass(slots=True, kw_only=True)
class Portion:
    """One frame's samples, summed: the window of recent samples is made of these. Times in nanoseconds."""

    began_ns: int
    ended_ns: int
    count: int
    samples: int
    tokens: int | None
    wall_ns: int
    device_ns: int | None = None
    parts: dict[str, int] = field(default_factory=dict)


class Samples:
    """Steps or requests of one run."""

    def __init__(self, ring: Ring[Cell]) -> None:
        self._ring = ring
        self._recent: deque[Portion] = deque()
        self._times = Histogram()
        self.kind: Literal["steps", "requests"] | None = None
        self.count = 0
        """Steps or requests of measure phases."""
        self.units = 0
        """Units of work of measure phases."""
        self.tokens: int | None = None
        self.loss: float | None = None
        self.newest_ns = 0
        """When the newest sample ended."""

    def begin_phase(self) -> None:
        """Rates never reach over a pause."""
        self._recent.clear()

    def add_steps(self, frame: Steps, *, measuring: bool) -> None:
        """Take a frame of steps."""
        self.kind = "steps"
        starts, walls = unpack_integers(frame.start_ns), unpack_integers(frame.wall_ns)
        if not starts:
            return
        ends = array("q", map(add, starts, walls))
        portion = self._add(ends, walls, frame.samples, frame.tokens, starts[0], measuring=measuring)
        portion.parts = {name: total for name in PARTS if (total := _total(getattr(frame, f"{name}_ns"))) is not None}
        portion.device_ns = _total(frame.device_ns)
        if frame.loss is not None:
            self._add_loss(ends, unpack(frame.loss))

    def add_requests(self, frame: Requests, *, measuring: bool) -> None:
        """Take a frame of requests, in the order in which they were answered."""
        self.kind = "requests"
        dues, ends = unpack_integers(frame.scheduled_ns), unpack_integers(frame.done_ns)
        if not ends:
            return
        latencies = array("q", [done - due for done, due in zip(ends, dues, strict=True)])
        self._add(ends, latencies, frame.samples, frame.tokens, min(dues), measuring=measuring)

    def quantiles(self) -> Quantiles | None:
        """Of the measure phases so far."""
        if not self._times.count:
            return None
        p50, p95, p99 = self._times.quantiles((0.5, 0.95, 0.99))
        return Quantiles(p50=p50, p95=p95, p99=p99, largest=float(self._times.largest), count=self._times.count)

    def rates(self) -> tuple[float | None, float | None]:
        """Units and tokens a second over the recent samples."""
        if not self._recent:
            return None, None
        first, last = self._recent[0], self._recent[-1]
        # Requests overlap: their window begins where the first portion ended, and that portion is not counted.
        portions = list(self._recent)[1:] if self.kind == "requests" else list(self._recent)
        began = first.ended_ns if self.kind == "requests" else first.began_ns
        if not portions or last.ended_ns <= began:
            return None, None
        seconds = (last.ended_ns - began) / 1e9
        tokens = [portion.tokens for portion in portions if portion.tokens is not None]
        return sum(portion.samples for portion in portions) / seconds, sum(tokens) / seconds if tokens else None

    def parts(self) -> Parts | None:
        """Means of the recent steps."""
        count = sum(portion.count for portion in self._recent)
        if not count or self.kind != "steps":
            return None
        means = {
            name: sum(portion.parts[name] for portion in self._recent) / count
            for name in PARTS
            if all(name in portion.parts for portion in self._recent)
        }
        devices = [portion.device_ns for portion in self._recent]
        device = sum(value or 0 for value in devices) / count if None not in devices else None
        return Parts(**means, wall=sum(portion.wall_ns for portion in self._recent) / count, device=device)

    def _add(
        self,
        ends: array[int],
        times: Sequence[int],
        samples_column: bytes,
        tokens_column: bytes | None,
        began_ns: int,
        *,
        measuring: bool,
    ) -> Portion:
        samples, keys = unpack_integers(samples_column), keys_of(times)
        for index, begin, end in spans(ends):
            cell = self._ring.at(index)
            if cell is not None:
                cell.add(sum(samples[begin:end]), keys[begin:end], max(times[begin:end]))
        portion = Portion(
            began_ns=began_ns,
            ended_ns=ends[-1],
            count=len(ends),
            samples=sum(samples),
            tokens=_total(tokens_column),
            wall_ns=sum(times),
        )
        if measuring:
            self._times.add_keys(keys, max(times))
            self.count += len(ends)
            self.units += portion.samples
            if portion.tokens is not None:
                self.tokens = (self.tokens or 0) + portion.tokens
        self.newest_ns = max(self.newest_ns, ends[-1])
        self._recent.append(portion)
        while self._recent[-1].ended_ns - self._recent[0].ended_ns > RECENT_NS:
            self._recent.popleft()
        return portion

    def _add_loss(self, ends: array[int], losses: Sequence[float]) -> None:
        self.loss = losses[-1]
        for index, begin, end in spans(ends):
            cell = self._ring.at(index)
            if cell is not None:
                cell.loss.add(sum(losses[begin:end]), end - begin)


def _total(column: bytes | None) -> int | None:
    return None if column is None else sum(unpack_integers(column))
