"""A logarithmic axis from one round number to another: where a number lies on it, and which numbers are written at it.

Its ends are powers of ten, or twice or five times one, so that it stays where it is while numbers move.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

NICE = (1.0, 2.0, 5.0, 10.0)
SMALLEST, LARGEST = 1e-30, 1e30
"""What lies beyond is no measurement."""
FEWEST_DECADES = 2
MOST_DECADES = 15
"""More than that no chart has room to show; the lowest are left out."""


class LogAxis(msgspec.Struct, frozen=True):
    """From `low` to `high`, both above 0."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """A number above 0 → 0 at the lower end, 1 at the upper; beyond them for what lies outside."""
        return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))

    def value(self, place: float) -> float:
        """The number at a place."""
        return float(10 ** (math.log10(self.low) + place * (math.log10(self.high) - math.log10(self.low))))

    def decades(self) -> tuple[float, ...]:
        """The powers of ten on it."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return tuple(10.0**power for power in range(first, last + 1))


def is_sound(value: float | None) -> bool:
    """Whether a number can be on an axis."""
    return value is not None and SMALLEST < value < LARGEST


def log_axis(values: Iterable[float], otherwise: tuple[float, float]) -> LogAxis:
    """An axis that holds all of these numbers above 0; `otherwise` are its ends where there are none."""
    known = [value for value in values if is_sound(value)]
    if not known:
        return LogAxis(*otherwise)
    top = math.floor(math.log10(max(known)) + 1e-9)
    high = next(step * 10.0**top for step in NICE if step * 10.0**top >= max(known) * (1 - 1e-9))
    bottom = max(math.floor(math.log10(min(known)) + 1e-9), top - MOST_DECADES)
    low = next(step * 10.0**bottom for step in NICE[::-1] if step * 10.0**bottom <= max(min(known), 10.0**bottom))
    return LogAxis(min(low, high / 10**FEWEST_DECADES), high)
