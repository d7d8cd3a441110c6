"""Whether steps lie in a table in the order in which they began, rank by rank: then they are read without a sort."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import polars as pl


class Order(msgspec.Struct):
    """Of a slice of a table of steps."""

    kept: bool = True
    starts: dict[str, tuple[int, int]] = {}
    """Run and rank, `1 0` → when its first and its last step there began."""

    def look(self, batch: pl.DataFrame) -> None:
        """The next steps."""
        steps = batch.select("run", "rank", "start_ns")
        alone = all(steps[name].min() == steps[name].max() for name in ("run", "rank"))
        pieces = [(steps.row(0)[:2], steps)] if alone else steps.group_by("run", "rank", maintain_order=True)
        for (run, rank), own in pieces:
            starts = own["start_ns"]
            self.kept = self.kept and starts.is_sorted()
            self._follow(f"{run} {rank}", starts[0], starts[-1])

    def follow(self, later: Order) -> None:
        """The slice that follows."""
        self.kept = self.kept and later.kept
        for name, (first, last) in later.starts.items():
            self._follow(name, first, last)

    def _follow(self, name: str, first: int, last: int) -> None:
        before = self.starts.get(name)
        self.kept = self.kept and (before is None or before[1] <= first)
        self.starts[name] = (first if before is None else before[0], last)


def in_order(slices: Iterable[Order]) -> Order:
    """Of slices that follow each other → of all of them."""
    whole = Order()
    for each in slices:
        whole.follow(each)
    return whole
