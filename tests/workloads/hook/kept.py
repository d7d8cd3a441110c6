"""A line to nobody, for loops without a process of their own."""

from __future__ import annotations

from typing import Any

from workloads.hook.line import STEP


class Kept:
    """Keeps what is put on it."""

    def __init__(self) -> None:
        self.running, self.inference = True, False
        self.said: list[Any] = []

    def put(self, what: Any) -> None:
        self.said.append(what)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The steps among it."""
        return [dict(zip(STEP, row, strict=True)) for row in self.said if isinstance(row, tuple)]
