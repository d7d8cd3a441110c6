"""What a reader of a served run's latency must be warned of: a load that was not what it was meant to be."""

from __future__ import annotations

import polars as pl

from app.analysis.summary.headline import NS_A_MS
from app.analysis.summary.saturation import Saturation
from app.session.live.generator import FEWEST, LATE_NS
from app.session.results.caution import Caution
from app.text.numbers import count, milliseconds, significant


def load_cautions(run: int, saturation: Saturation | None, lag_ns: float | None) -> tuple[Caution, ...]:
    """Of one run that followed a schedule. `lag_ns`: see `lag_p99_ns`."""
    found = []
    if saturation is not None:
        found.append(_saturated(run, saturation))
    if lag_ns is not None and lag_ns >= LATE_NS:
        found.append(_limited(run, lag_ns / NS_A_MS))
    return tuple(found)


def lag_p99_ns(requests: pl.LazyFrame) -> float | None:
    """How late requests of a schedule were sent, at p99; None of too few.

    By the rule of the light on the screen, and not by that of percentiles that are told: this is about the requests
    that were sent, and claims nothing of others.
    """
    late = (pl.col("sent_ns") - pl.col("scheduled_ns")).quantile(0.99, "linear")
    sent, lag = requests.select(pl.len(), late.alias("lag")).collect(engine="streaming").row(0)
    return float(lag) if sent >= FEWEST else None


def _saturated(run: int, found: Saturation) -> Caution:
    unserved = f", {found.unserved:,} of them never" if found.unserved else ""
    offered, served = significant(found.offered_per_s), significant(found.served_per_s)
    return Caution(
        kind="saturated",
        message=f"the queue grew without bound: {offered} requests/s were offered, {served} served{unserved}; "
        "latency depends on how long the run lasted",
        remedy="offer less than is served",
        run=run,
    )


def _limited(run: int, p99_ms: float) -> Caution:
    return Caution(
        kind="generator-limited",
        message=f"the load generator was late: {milliseconds(p99_ms)} at p99, where {count(LATE_NS / NS_A_MS)} ms is "
        "allowed; the load was not the one that was asked for",
        remedy="offer less, or leave the generator a processor of its own",
        run=run,
    )
