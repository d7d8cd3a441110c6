"""Numbers with no more digits than a chart can show: most of a page's size is its data."""

from __future__ import annotations

import math
from typing import TypeVar

DIGITS = 5

_Other = TypeVar("_Other", str, int, None)


def rounded(value: float | _Other) -> float | _Other | None:
    """A float with five digits; None for what is no number. Anything else as it is."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
