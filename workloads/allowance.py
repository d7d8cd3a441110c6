"""How much may pass: so many at once, and so many a second for as long as it lasts. Pure."""

from __future__ import annotations


class Allowance:
    """A bucket that fills as time passes."""

    def __init__(self, burst: float, a_second: float, now_ns: int) -> None:
        self._burst = burst
        self._a_second = a_second
        self._credit = burst
        self._credited_ns = now_ns

    def is_spent(self, now_ns: int) -> bool:
        """Whether nothing may pass now."""
        self._credit = min(self._burst, self._credit + (now_ns - self._credited_ns) * 1e-9 * self._a_second)
        self._credited_ns = now_ns
        return self._credit < 1

    def take(self, now_ns: int) -> bool:
        """Whether one more may pass; then it has."""
        if self.is_spent(now_ns):
            return False
        self._credit -= 1
        return True
