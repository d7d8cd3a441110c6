"""Evidence of a verdict in words: a value by its unit, how many times faster, an interval. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from app.text.numbers import bytes_text, count, flops, percent, rate, significant

_TIMES = (("s", 1e9), ("ms", 1e6), ("µs", 1e3))
LARGEST_RATIO = 100.0
"""Above it a bound says only that nearly all of the time is lost."""


def quantity(value: float, unit: str) -> str:
    """A number in the units of `Evidence`: `12.3 ms`, `41.2 %`, `1.50 GiB`, `4,266 GB/s`, `120/s`, `0.5 things`."""
    if not math.isfinite(value):
        return "–"
    text = _BY_UNIT.get(unit)
    return text(value) if text is not None else f"{count(value)} {unit}".rstrip()


def time_text(ns: float) -> str:
    """Nanoseconds in the unit that reads well: `1.23 s`, `12.3 ms`, `0.5 µs`."""
    name, size = next((unit for unit in _TIMES if abs(ns) >= unit[1]), _TIMES[-1])
    return f"{significant(ns / size)} {name}"


def ratio_text(ratio: float) -> str:
    """How many times as fast: `1.42×`, `12.0×`, `more than 100×`."""
    if ratio > LARGEST_RATIO:
        return f"more than {LARGEST_RATIO:.0f}×"
    return f"{ratio:.2f}×" if ratio < 9.995 else f"{ratio:.1f}×"


def interval_text(ratio: float, low: float | None, high: float | None) -> str:
    """`1.31× [1.24, 1.38]`; the ratio alone where there is no interval yet."""
    if low is None or high is None:
        return ratio_text(ratio)
    return f"{ratio_text(ratio)} [{low:.2f}, {high:.2f}]"


_BY_UNIT: Final[dict[str, Callable[[float], str]]] = {
    "ns": time_text,
    "%": percent,
    "bytes": bytes_text,
    "bytes/s": rate,
    "1/s": lambda value: f"{count(value)}/s",
    "FLOP/s": flops,
}
