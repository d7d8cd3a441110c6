"""The value of a gauge in words, by the unit that its name ends with. Standard library only."""

from __future__ import annotations

from app.text.numbers import bytes_text, count, percent, rate


def gauge_text(name: str, value: float) -> str:
    """`97.8 %`, `4,266 GB/s`, `139 GiB`, `1,980 MHz`."""
    if name.endswith("_percent"):
        return percent(value)
    if name.endswith("_bytes_per_s"):
        return rate(value)
    if name.endswith("_bytes"):
        return bytes_text(value)
    for ending, unit in (("_mhz", "MHz"), ("_w", "W"), ("_c", "°C"), ("_j", "J")):
        if name.endswith(ending):
            return f"{value:,.0f} {unit}"
    return count(round(value, 1))
