"""Which of a run's cases a number is of, in words. Standard library only."""

from __future__ import annotations


def of_cases(count: int) -> str:
    """`best of 12 cases`; `case` where there is no other."""
    return f"best of {count:,} cases" if count > 1 else "case"
