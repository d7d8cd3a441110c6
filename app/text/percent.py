"""Per cent as a person types it."""

from __future__ import annotations


def fraction(text: str) -> float | None:
    """`1%` → 0.01; None for what is no number with a sign of per cent behind it."""
    number = text.strip()
    if not number.endswith("%"):
        return None
    try:
        return float(number.removesuffix("%")) / 100
    except ValueError:
        return None
