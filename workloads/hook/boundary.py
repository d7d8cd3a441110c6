"""Which of several optimizers ends a step: the one that is stepped last before one comes again."""

from __future__ import annotations


class Boundary:
    """Learned from the order in which they step."""

    __slots__ = ("_cycle", "ident", "since")

    def __init__(self) -> None:
        self.ident: int | None = None
        """`id` of the optimizer that ends a step; None: that is not known yet."""
        self._cycle: list[int] = []
        self.since = 0
        """Steps of others since it stepped."""

    def ends_step(self, ident: int) -> bool:
        """One has stepped → whether a step ends. In the first cycle the first one ends it, later the last one alone."""
        if ident == self.ident:
            self.since = 0
            return True
        if self.ident is None:
            if ident not in self._cycle:
                self._cycle.append(ident)
                return len(self._cycle) == 1
            self.ident = self._cycle[-1]
            return ident == self.ident
        self.since += 1
        if self.since > 2 * max(1, len(self._cycle)) + 1:
            # The one that ended steps is not stepped any more, or not as often as the others.
            self._cycle, self.ident, self.since = [ident], None, 0
            return True
        return False
