"""What the speed of each variant cost, as lines of a table."""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.variants.text import table_lines
from app.analysis.variants.tradeoff_report import TradeOff
from app.text.metrics import metric_text
from app.text.numbers import percent


def tradeoff_lines(found: Sequence[TradeOff], width: int) -> list[str]:
    """`infer/digits precision=bfloat16  9,412 requests/s  ×1.84 (1.79 to 1.88)  98.1 %  −0.3 points`, under titles."""
    rows = [["what the speed cost", "mean", "speed", "accuracy", "difference"], *map(_row, found)]
    return table_lines(rows, width)


def _row(each: TradeOff) -> list[str]:
    return [
        each.title,
        metric_text(each.value, each.unit),
        "×1" if each.variant == each.against else _speed(each),
        percent(100 * each.reached) if each.result == "accuracy" else f"{each.reached:.3f} bits/byte",
        "" if each.variant == each.against else _difference(each),
    ]


def _speed(each: TradeOff) -> str:
    speed = each.speed
    value = "–" if speed.value is None else f"×{speed.value:.2f}"
    if speed.low is None or speed.high is None:
        return value
    return f"{value} ({speed.low:.2f} to {speed.high:.2f})"


def _difference(each: TradeOff) -> str:
    # A minus sign, as wide as a plus.
    text = f"{each.difference:+.1f} points" if each.result == "accuracy" else f"{each.difference:+.3f}"
    return text.replace("-", "−")
