"""The report on what a speed cost. Computed by `tradeoffs`, printed by `tradeoff_text`."""

from __future__ import annotations

import msgspec

from app.session.results.interval import Interval


class TradeOff(msgspec.Struct, frozen=True, kw_only=True):
    """One variant."""

    variant: int
    title: str
    metric: str
    """Of its speed: the name of its headline."""
    value: float
    """Mean over its repeats, in `unit`."""
    against: int
    """The variant that it is held against: the first of its workload."""
    speed: Interval
    """How many times as fast as that one; above 1 is faster, whichever way the metric goes."""
    result: str
    """`accuracy` or `bits_per_byte`."""
    reached: float
    """Mean of that over its repeats; of an accuracy a fraction."""
    difference: float
    """To that one's; of an accuracy in points, 100 × the fraction."""
    unit: str = ""
    """Of `value`: `samples/s`, of inference `requests/s`."""
