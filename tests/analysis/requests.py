"""Tables of requests whose numbers can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.analysis.tables.schema import REQUESTS

MS = 1_000_000


def asked(
    latencies_ms: Sequence[float],
    *,
    dues_ms: Sequence[float] | None = None,
    outcomes: Sequence[str] | None = None,
    **columns: Sequence[object],
) -> pl.LazyFrame:
    """Requests due every millisecond, or at these times, answered so much later."""
    count = len(latencies_ms)
    dues = [round(due * MS) for due in (range(count) if dues_ms is None else dues_ms)]
    rows = {
        "scheduled_ns": dues,
        "sent_ns": dues,
        "done_ns": [due + round(latency * MS) for due, latency in zip(dues, latencies_ms, strict=True)],
        "outcome": outcomes or ["answered"] * count,
        **columns,
    }
    rows.setdefault("first_ns", rows["done_ns"])
    schema = {name: REQUESTS[name] for name in rows}
    return pl.LazyFrame(rows, schema=schema).with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in REQUESTS.items() if name not in rows
    )
