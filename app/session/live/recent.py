"""The newest few seconds of measuring: rates and mean parts of a step.

Counts measuring time alone: what lies between two measure phases, such as an evaluation, is no part of
it. Memory is bounded by time, whatever the frames.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from app.session.live.view import Parts

RECENT_NS = 5_000_000_000
"""Rates and parts are means over about this long."""

GRAIN_NS = 50_000_000
"""Frames of less are put together."""

PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device", "comm")
"""Columns of Steps, each `NAME_ns`."""


@dataclass(slots=True, kw_only=True)
class Portion:
    """Samples of one frame or of a few, summed. Times in nanoseconds."""

    took_ns: int = 0
    """Measuring time that went by."""
    count: int
    """Steps or requests."""
    samples: int
    tokens: int | None
    wall_ns: int
    parts: dict[str, int] = field(default_factory=dict)
    """Those of PARTS that were measured."""

    def merge(self, other: Portion) -> None:
        """Take in what came next. A part that either lacks is no part of both."""
        self.took_ns += other.took_ns
        self.count += other.count
        self.samples += other.samples
        self.tokens = None if self.tokens is None or other.tokens is None else self.tokens + other.tokens
        self.wall_ns += other.wall_ns
        self.parts = {name: self.parts[name] + other.parts[name] for name in self.parts if name in other.parts}


class Recent:
    """The newest portions."""

    def __init__(self) -> None:
        self._portions: deque[Portion] = deque()
        self._took_ns = 0

    def add(self, portion: Portion) -> None:
        """The next portion; the oldest go when those after them are long enough."""
        self._took_ns += portion.took_ns
        if self._portions and self._portions[-1].took_ns < GRAIN_NS:
            self._portions[-1].merge(portion)
        else:
            self._portions.append(portion)
        while self._took_ns - self._portions[0].took_ns >= RECENT_NS:
            self._took_ns -= self._portions.popleft().took_ns

    def add_pause(self, took_ns: int) -> None:
        """Measuring went on without a sample."""
        if self._portions:
            self._took_ns += took_ns
            self._portions[-1].took_ns += took_ns

    def rates(self) -> tuple[float | None, float | None]:
        """Units and tokens a second."""
        if not self._took_ns:
            return None, None
        seconds = self._took_ns / 1e9
        tokens = [portion.tokens for portion in self._portions if portion.tokens is not None]
        whole = len(tokens) == len(self._portions)
        return sum(p.samples for p in self._portions) / seconds, sum(tokens) / seconds if whole else None

    def parts(self) -> Parts | None:
        """Mean nanoseconds a step; None before the first."""
        count = sum(portion.count for portion in self._portions)
        if not count:
            return None
        means = {
            name: sum(portion.parts[name] for portion in self._portions) / count
            for name in PARTS
            if all(name in portion.parts for portion in self._portions)
        }
        return Parts(**means, wall=sum(portion.wall_ns for portion in self._portions) / count)

    def __len__(self) -> int:
        return len(self._portions)
