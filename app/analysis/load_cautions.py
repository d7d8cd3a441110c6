"""What a reader of a served run's latency must be warned of: a load that was not what it was meant to be."""

from __future__ import annotations

from typing import Final

from app.analysis.report import Times
from app.analysis.saturation import Saturation
from app.session.caution import Caution
from app.text.numbers import count, milliseconds, significant

LAG_MS: Final = 1.0
"""The generator may be this late at the 99th percentile; the same limit as that of its light on the screen."""


def load_cautions(run: int, saturation: Saturation | None, lag: Times | None) -> tuple[Caution, ...]:
    """Of one run that followed a schedule. `lag`: how late its requests were sent."""
    found = []
    if saturation is not None:
        found.append(_saturated(run, saturation))
    if lag is not None and lag.p99_ms is not None and lag.p99_ms >= LAG_MS:
        found.append(_limited(run, lag.p99_ms))
    return tuple(found)


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
        message=f"the load generator was late: {milliseconds(p99_ms)} at p99, where {count(LAG_MS)} ms is allowed; the "
        "load was not the one that was asked for",
        remedy="offer less, or leave the generator a processor of its own",
        run=run,
    )
