"""Goodput: good requests a second of the measured window, and which clauses of the objective were met.

Over all requests of the measure phases, whatever became of them: one that failed or was never served is not good, and
is slower than any threshold. A percentile is exact and interpolates linearly, as those of the latency do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import polars as pl

from app.analysis.summary.headline import NS_A_MS
from app.session.results.carried import carries, needed
from app.session.results.slo import OF_TOKENS, Clause, SloMetric, slo_text

DUE, SENT, DONE = pl.col("scheduled_ns"), pl.col("sent_ns"), pl.col("done_ns")
ANSWERED = pl.col("outcome") == "answered"
FAILED = pl.col("outcome") == "failed"
WAITED = {"latency": DONE - DUE, "from-send": DONE - SENT, "ttft": DONE - DUE, "queue": DONE - DUE}
"""What a request that was never served has at least of a metric; nobody knows how fast its tokens would have been."""
_MADE_OF = {"tpot": "tokens", "itl": "itl_ns", "queue": "started_ns"}
"""Columns that not every request has, by the metric that is made of them."""


class ClauseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One condition, and how it went."""

    text: str
    """`p99<50ms`."""
    metric: SloMetric
    quantile: str
    """`p99`, `max`."""
    below_ms: float
    met: bool | None
    """None: no request has such a value."""
    measured_ms: float | None = None
    """The percentile. None: it falls among requests that were not answered."""
    at_least_ms: float | None = None
    """What it is at least, where it falls among requests that the run's end left unserved; None of tokens' times."""
    needs: int | None = None
    """Requests that the percentile needs, where there were fewer: whether it is met is chance then."""


class Goodput(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run."""

    slo: str
    met: bool | None
    """Every clause. None: not all of them could be measured."""
    sent: int
    """Requests that were due in the measure phases."""
    good: int | None
    """Requests that were answered and meet every threshold; None where a threshold could not be applied."""
    share: float | None
    """good ÷ sent."""
    per_s: float | None
    """good ÷ seconds of measure phases."""
    clauses: tuple[ClauseResult, ...]


def goodput_of(requests: pl.LazyFrame, slo: Sequence[Clause], seconds: float) -> Goodput | None:
    """`requests`: all rows of the measure phases; `seconds`: their length. None without an objective or a request."""
    if not slo:
        return None
    sent = requests.select(pl.len()).collect(engine="streaming").item()
    if not sent:
        return None
    clauses = tuple(_result(requests, clause, sent) for clause in slo)
    met = None if any(clause.met is None for clause in clauses) else all(clause.met for clause in clauses)
    good = None if met is None else _good(requests, slo)
    return Goodput(
        slo=slo_text(tuple(slo)),
        met=met,
        sent=sent,
        good=good,
        share=None if good is None else good / sent,
        per_s=good / seconds if good is not None and seconds else None,
        clauses=clauses,
    )


def value_of(metric: SloMetric) -> pl.Expr:
    """A request's own value, nanoseconds; null where it has none."""
    tokens = pl.col("tokens")
    return {
        "latency": DONE - DUE,
        "from-send": DONE - SENT,
        "ttft": pl.col("first_ns") - DUE,
        "tpot": pl.when(tokens > 1).then((DONE - pl.col("first_ns")) / (tokens - 1)),
        "itl": pl.col("itl_ns").list.max(),
        "queue": pl.col("started_ns") - DUE,
    }[metric]


def good_requests(requests: pl.DataFrame, slo: Sequence[Clause]) -> pl.Series | None:
    """Row by row, whether a request is good. None: there is no objective, or those that were answered lack a metric."""
    answered = requests.filter(ANSWERED)
    asked = [_MADE_OF[clause.metric] for clause in slo if clause.metric in _MADE_OF]
    if not slo or any(len(answered) and answered[name].null_count() == len(answered) for name in asked):
        return None
    return requests.select(_is_good(slo)).to_series()


def _is_good(slo: Sequence[Clause]) -> pl.Expr:
    """A request of one token has no gap that could be too long."""
    values = (
        value_of(clause.metric).lt(clause.below_ns).fill_null(clause.metric in OF_TOKENS).alias(f"{place}")
        for place, clause in enumerate(slo)
    )
    return ANSWERED & pl.all_horizontal(*values)


def _good(requests: pl.LazyFrame, slo: Sequence[Clause]) -> int:
    good = requests.select(_is_good(slo))
    return int(good.sum().collect(engine="streaming").item())


def _result(requests: pl.LazyFrame, clause: Clause, sent: int) -> ClauseResult:
    def sorted_ns(rows: pl.LazyFrame, value: pl.Expr) -> pl.Series:
        taken = rows.select(value.cast(pl.Float64).alias("ns")).collect(engine="streaming").to_series()
        return taken.drop_nulls().sort()

    each = pl.col("itl_ns").list.explode(empty_as_null=False) if clause.metric == "itl" else value_of(clause.metric)
    answered = sorted_ns(requests.filter(ANSWERED), each)
    waited = WAITED.get(clause.metric, pl.lit(None))
    unserved = sorted_ns(requests.filter(~ANSWERED & ~FAILED), waited)
    lost = int(requests.select((~ANSWERED).sum()).collect(engine="streaming").item())
    missing = not len(answered) and lost < sent
    # What was not answered would have had as many values as the others, slow ones.
    each_has = len(answered) / (sent - lost) if clause.metric == "itl" and len(answered) else 1.0
    counted = len(answered) + round(lost * each_has)
    measured = _quantile(answered, counted, clause.share)
    bound = None if measured is not None else _quantile(pl.concat((answered, unserved)).sort(), counted, clause.share)
    return ClauseResult(
        text=clause.text,
        metric=clause.metric,
        quantile=clause.quantile,
        below_ms=clause.below_ns / NS_A_MS,
        met=None if missing else measured is not None and measured < clause.below_ns,
        measured_ms=None if measured is None else measured / NS_A_MS,
        at_least_ms=None if bound is None else bound / NS_A_MS,
        needs=None if clause.share == 1 or carries(counted, clause.share) else needed(clause.share),
    )


def _quantile(in_order: pl.Series, count: int, share: float) -> float | None:
    """Of `count` values, the smallest of which are those in order; None where it falls among the others."""
    place = share * (count - 1)
    if not count or math.ceil(place) >= len(in_order):
        return None
    low, high = (float(in_order[number]) for number in (int(place), math.ceil(place)))
    return low + (place - int(place)) * (high - low)
