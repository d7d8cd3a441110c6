"""Numbers as the panels show them: a dash for what is absent, and axis labels of five characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from app.text.numbers import short

DASH: Final = "–"
"""Stands for a number that was not measured. Never 0."""


def shown(number: float | None, text: Callable[[float], str]) -> str:
    """A number's text, or the dash."""
    return DASH if number is None else text(number)


def whole_percent(number: float) -> str:
    """`93 %`; what is below one and not nothing keeps a digit: `0.4 %`, `0.05 %`."""
    return f"{number:.1g} %" if 0 < number < 0.95 else f"{number:.0f} %"


def fraction_percent(fraction: float) -> str:
    """A fraction as percent: `46.5 %`; three digits below one percent: `0.012 %`."""
    number = 100 * fraction
    return f"{number:.1f} %" if number >= 1 or not number else f"{number:.2g} %"


def steady(number: float) -> str:
    """As many digits as help and always the same below 1,000: `0.12`, `9.87`, `121.7`, `1,234`."""
    size = abs(number)
    return f"{number:,.0f}" if size >= 999.95 else f"{number:.1f}" if size >= 9.995 else f"{number:.2f}"


def gib(number: float) -> str:
    """Bytes as a bare number of GiB: `31.2`."""
    return f"{number / (1 << 30):,.1f}"


class TimeUnit(msgspec.Struct, frozen=True):
    """A unit in which times of one size read well."""

    name: str
    ns: float

    def text(self, ns: float) -> str:
        """Nanoseconds as a bare number of this unit."""
        return steady(ns / self.ns)

    def axis(self, ns: float) -> str:
        """Nanoseconds as an axis label in this unit."""
        return axis_text(ns / self.ns)


_TIME_UNITS = (TimeUnit("s", 1e9), TimeUnit("ms", 1e6), TimeUnit("µs", 1e3))


def time_unit(ns: float) -> TimeUnit:
    """The unit for times of this size: seconds from 1 s on, milliseconds from 1 ms on, else microseconds."""
    return next((unit for unit in _TIME_UNITS if ns >= unit.ns), _TIME_UNITS[-1])


def axis_text(number: float) -> str:
    """A round number in at most five characters: `0`, `2.5`, `600`, `4,814`, `12.5k`, `1.5M`, `5e-04`."""
    size = abs(number)
    if size >= 10_000:
        return short_trimmed(number)
    if size >= 1 or not size:
        return f"{number:,.4g}"
    return f"{number:.3g}" if size >= 0.1 else f"{number:.2g}" if size >= 0.01 else f"{number:.0e}"


def short_trimmed(number: float) -> str:
    """`short` without the zeros that say nothing: `1.5M`, not `1.50M`."""
    text = short(number)
    letter = text[-1:] if text[-1:].isalpha() else ""
    digits = text[: len(text) - len(letter)]
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + letter


def axis_percent(number: float) -> str:
    """`100 %`."""
    return f"{number:.0f} %"


def axis_bytes(number: float) -> str:
    """Bytes a second as an axis label: `4,814` is in GB/s as the panel's own number, below that `800G`, `250M`."""
    if number >= 1e12:
        return f"{number / 1e9:,.0f}" if number < 9.9995e12 else short_trimmed(number)
    return short_trimmed(number) if number >= 1_000 else axis_text(number)
