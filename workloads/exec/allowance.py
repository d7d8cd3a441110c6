"""How many messages may pass: so many at once, and so many a second for as long as it lasts."""

from __future__ import annotations

import time


class Allowance:
    """A bucket that fills as time passes."""

    def __init__(self, burst: float, a_second: float) -> None:
        self._burst = burst
        self._a_second = a_second
        self._credit = burst
        self._credited_ns = time.monotonic_ns()

    def take(self) -> bool:
        """Whether one more may pass."""
        now_ns = time.monotonic_ns()
        self._credit = min(self._burst, self._credit + (now_ns - self._credited_ns) * 1e-9 * self._a_second)
        self._credited_ns = now_ns
        if self._credit < 1:
            return False
        self._credit -= 1
        return True
