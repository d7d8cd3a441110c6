"""A metric's value as a person reads it, by its unit. Standard library only."""

from __future__ import annotations

from app.text.numbers import count, flops, milliseconds, rate, significant


def metric_text(value: float, unit: str) -> str:
    """`19,818 samples/s`, `512 TFLOP/s`, `1.23 ms`; a number without a unit stands alone."""
    match unit:
        case "FLOP/s":
            return flops(value)
        case "B/s":
            return rate(value)
        case "ms":
            return milliseconds(value)
        case "":
            return significant(value)
        case _:
            return f"{count(value)} {unit}"


def half_width_text(share: float) -> str:
    """Of an interval, a fraction of its middle: `±0.42 %`, `±12 %`."""
    number = 100 * share
    return f"±{number:.2f} %" if number < 9.995 else f"±{number:.0f} %"
