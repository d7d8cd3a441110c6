"""A service-level objective: what requests must meet to be good, from what a user typed. No Polars.

`p99<50ms`, or `ttft p95<200ms, tpot p95<30ms`: a comma between clauses, in each a metric (latency where none
stands), a percentile, and a threshold with its unit. A request is good when each of its own values is below the
threshold of that metric; the percentile says which share of the requests has to be, for the clause to be met. Goodput
is defined so by DistServe (Zhong et al., OSDI 2024). ITL is the one metric of which a request has many values: the
clause is of all gaps, and a request is good when its longest is below.
"""

from __future__ import annotations

import difflib
import re
from typing import Final, Literal, get_args

import msgspec

SloMetric = Literal["latency", "from-send", "ttft", "tpot", "itl", "queue"]
"""`latency`, `ttft` and `queue` begin when a request was due, `from-send` when it was sent."""

METRICS: Final[tuple[SloMetric, ...]] = get_args(SloMetric)
OF_TOKENS: Final[tuple[SloMetric, ...]] = ("tpot", "itl")
"""Only requests that are answered with tokens have these."""

UNITS: Final = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
"""Nanoseconds of each."""

_CLAUSE: Final = re.compile(r"(?:([a-z-]+)\s+)?(?:p([\d.]+)|(max))\s*<\s*([\d.]+)\s*([a-zµ]+)", re.IGNORECASE)
EXAMPLE: Final = 'write it as "p99<50ms", or "ttft p95<200ms, tpot p95<30ms"'


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One condition."""

    metric: SloMetric
    share: float
    """Of the requests that must be below the threshold: 0.99 of p99, 1.0 of max."""
    below_ns: float

    @property
    def quantile(self) -> str:
        """`p99`, `p99.9`, `max`."""
        return "max" if self.share == 1 else f"p{100 * self.share:.10g}"

    @property
    def text(self) -> str:
        """As a user types it: `p99<50ms`, `ttft p95<200ms`."""
        metric = "" if self.metric == "latency" else f"{self.metric} "
        unit = next(unit for unit in ("s", "ms", "us", "ns") if self.below_ns >= UNITS[unit] or unit == "ns")
        return f"{metric}{self.quantile}<{self.below_ns / UNITS[unit]:.10g}{unit}"


def parse_slo(text: str) -> tuple[Clause, ...]:
    """The clauses of what was typed. Raises ValueError, one line that says what to do."""
    return tuple(_clause(piece.strip()) for piece in text.split(","))


def planned_slo(text: str) -> tuple[Clause, ...]:
    """Of a plan, which was checked when it was made; none of one that a stranger wrote, where it makes no sense."""
    try:
        return parse_slo(text) if text else ()
    except ValueError:
        return ()


def slo_text(clauses: tuple[Clause, ...]) -> str:
    """The whole objective in a line."""
    return ", ".join(clause.text for clause in clauses)


def _clause(text: str) -> Clause:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        raise ValueError(f"--slo {text!r}: {EXAMPLE}")
    name, percentile, _, value, unit = found.groups()
    return Clause(
        metric=_metric(text, (name or "latency").lower()),
        share=1.0 if percentile is None else _share(text, percentile),
        below_ns=_below_ns(text, value, unit.lower()),
    )


def _metric(text: str, name: str) -> SloMetric:
    for metric in METRICS:
        if metric == name:
            return metric
    near = difflib.get_close_matches(name, METRICS, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ValueError(f"--slo {text!r}: {hint}there are {', '.join(METRICS)}")


def _share(text: str, percentile: str) -> float:
    number = _number(text, percentile)
    if not 0 < number < 100:
        raise ValueError(f"--slo {text!r}: a percentile is between p0 and p100; max is the slowest of all")
    return round(number / 100, 12)


def _below_ns(text: str, value: str, unit: str) -> float:
    if unit not in UNITS:
        raise ValueError(f"--slo {text!r}: give the threshold in us, ms or s")
    nanoseconds = _number(text, value) * UNITS[unit]
    if nanoseconds <= 0:
        raise ValueError(f"--slo {text!r}: give a threshold of more than 0")
    return nanoseconds


def _number(text: str, digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        raise ValueError(f"--slo {text!r}: {digits} is no number; {EXAMPLE}") from None
