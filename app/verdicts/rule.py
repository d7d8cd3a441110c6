"""What a rule is: a function of a window that gives a verdict, says what it misses, or has nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict

Rule = Callable[[Window], Verdict | Missing | None]
"""None: looked into, and not so. Missing: cannot be looked into, for a counter is not there or steps are too few."""

FEWEST_STEPS = 20
"""With fewer steps in a window a mean says little: a standard error of a tenth of the spread needs a hundred, of a
quarter sixteen."""

HYSTERESIS = 0.9
"""A verdict that stands stays while its number is above this part of its threshold."""


def amdahl(share: float) -> float:
    """How many times faster without a part that takes this share of the time, 0 to 1 (Amdahl 1967)."""
    return 1.0 / max(1e-9, 1.0 - min(1.0, max(0.0, share)))
