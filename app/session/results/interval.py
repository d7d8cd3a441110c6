"""A value with its confidence interval. Computed in `app.analysis.statistics.intervals`, shown anywhere."""

from __future__ import annotations

import math

import msgspec

from workloads.wire.frames import Estimate


class Interval(msgspec.Struct, frozen=True):
    """What repeats say of a mean, a median or a ratio. In the unit of the values; a ratio has none."""

    value: float | None
    """The estimate itself. None where there is none: of no value at all, or a ratio to zero."""
    low: float | None
    """None where the values carry no interval: fewer than three of a side, or a ratio to what may be zero."""
    high: float | None
    confidence: float
    """The part of such intervals that hold the true value: 0.95."""
    count: int
    """Values that it rests on: pairs where they are paired, else those of the smaller side."""

    @property
    def half_width(self) -> float | None:
        """Half of high − low, as a part of the value."""
        return half_width(self)


def half_width(known: Interval | Estimate) -> float | None:
    """Half of high − low, as a part of the value; None where there is none."""
    if known.low is None or known.high is None or not known.value:
        return None
    width = abs((known.high - known.low) / 2 / known.value)
    return width if math.isfinite(width) else None
