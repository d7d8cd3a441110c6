"""What a tool said of one script, and whether that is right."""

from __future__ import annotations

from dataclasses import dataclass

from app.verdicts.kinds import AT_THE_LIMIT
from tests.bench.why.entry import Entry


@dataclass(frozen=True, kw_only=True)
class Said:
    """Kinds of verdicts, the primary one first."""

    kinds: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """Those of them that are more than information."""
    after_s: float | None = None
    """From the beginning of the measured steps to when the primary verdict stood for good; None: it never did."""
    at_the_end: tuple[str, ...] = ()
    """What is said of the whole run."""
    steps: int = 0
    failed: str = ""
    """Why there is nothing to judge, in a line."""

    @property
    def primary(self) -> str:
        """Or that there is none."""
        return "failed" if self.failed else self.kinds[0] if self.kinds else "nothing"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An entry and what was said of it."""

    entry: Entry
    said: Said

    @property
    def right(self) -> bool:
        """The primary verdict is the planted one; of a healthy script, nothing was warned of but a device's limit."""
        if self.entry.kind is None:
            return not self.said.failed and not self.false_alarms
        return self.said.primary in (self.entry.kind, *self.entry.also)

    @property
    def among_two(self) -> bool:
        """The planted one is the primary verdict or the next."""
        if self.entry.kind is None:
            return self.right
        return bool({self.entry.kind, *self.entry.also} & set(self.said.kinds[:2]))

    @property
    def false_alarms(self) -> tuple[str, ...]:
        """Warnings that a healthy script got."""
        if self.entry.kind is not None:
            return ()
        return tuple(kind for kind in self.said.warnings if kind not in AT_THE_LIMIT)
