"""One line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, what it came to, and the floor that it is held against."""

    what: str
    measured: str
    floor: str
    reached: bool
    how: str = ""
    """How it was measured, in a few words."""


def markdown(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | at least | |", "|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.measured} | {row.floor} | {'✓' if row.reached else '✗'} {row.how} |" for row in rows
    ]
    return "\n".join(lines)
