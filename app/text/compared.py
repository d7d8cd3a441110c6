"""Values of metrics and their changes in words, by the unit that their name ends with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from app.session.results.comparison import MetricComparison
from app.text.numbers import count, flops, loss_text, percent, rate, significant


def value_text(name: str, value: float) -> str:
    """`1,234`, `2.31 ms`, `97.8 %`; units that a label says are left out."""
    for ending, text in _METRICS.items():
        if name.endswith(ending):
            return text(value)
    return significant(value)


_METRICS: Final[dict[str, Callable[[float], str]]] = {
    "accuracy": lambda value: percent(100 * value),
    "mfu": lambda value: percent(100 * value),
    "_fraction": lambda value: percent(100 * value),
    "_ms": lambda value: f"{significant(value)} ms",
    "_bytes_per_s": rate,
    "flops_per_s": flops,
    "_per_s": lambda value: f"{count(value)}/s",
    "_loss": loss_text,
    "joules_per_sample": lambda value: f"{significant(value)} J",
}
"""By the end of the name; the first that fits."""


def metric_cells(metric: MetricComparison) -> tuple[str, str, str, str, str]:
    """Label, mean of both sides, change, and its interval; a dash where there is none."""
    ratio, interval = metric.ratio, "–"
    if ratio.low is not None and ratio.high is not None:
        interval = f"{change_text(ratio.low)} to {change_text(ratio.high)}"
    one, two = (value_text(metric.name, math.fsum(of) / len(of)) for of in (metric.base, metric.other))
    return metric.label, one, two, change_text(ratio.value), interval


def change_text(ratio: float | None) -> str:
    """A ratio as a change: `+2.3 %`; a dash where there is none. What rounds to nothing has not fallen."""
    return "–" if ratio is None else f"{round(100 * (ratio - 1), 1) + 0.0:+,.1f} %"
