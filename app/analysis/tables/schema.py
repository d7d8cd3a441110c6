"""The five tables of a finished session: column names and types, the public contract of its Parquet files.

Every name ends in its unit; every `_ns` instant is the host's monotonic clock, as in the frames. What
was not measured is null. Columns are only ever appended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

import polars as pl

from workloads.wire.frames import EventKind, Level, PhaseName
from workloads.wire.gauges import GAUGES

PHASE = pl.Enum(get_args(PhaseName))
"""The phase in which the row's end falls; null before a run's first phase."""

OUTCOME = pl.Enum(("answered", "failed", "unserved"))
"""What became of a request, by the codes 0, 1 and 2 of the wire; an unserved one was due when the run ended."""

LEVEL = pl.Enum(get_args(Level))

EVENT_KIND = pl.Enum(get_args(EventKind))

Schema = dict[str, pl.DataType]

STEPS: Schema = {
    "run": pl.Int32(),
    "start_ns": pl.Int64(),
    "wall_ns": pl.Int64(),
    "data_wait_ns": pl.Int64(),
    "h2d_ns": pl.Int64(),
    "forward_ns": pl.Int64(),
    "backward_ns": pl.Int64(),
    "optimizer_ns": pl.Int64(),
    "device_ns": pl.Int64(),
    "samples": pl.Int64(),
    "tokens": pl.Int64(),
    "loss": pl.Float64(),
    "phase": PHASE,
    "comm_ns": pl.Int64(),
    "rank": pl.Int32(),
    "sync_ns": pl.Int64(),
    "syncs": pl.Int64(),
    "h2d_bytes": pl.Int64(),
    "pageable_bytes": pl.Int64(),
    "ahead_ns": pl.Int64(),
    "launches": pl.Int64(),
}

REQUESTS: Schema = {
    "run": pl.Int32(),
    "scheduled_ns": pl.Int64(),
    "sent_ns": pl.Int64(),
    "first_ns": pl.Int64(),
    "done_ns": pl.Int64(),
    "latency_from_schedule_ns": pl.Int64(),
    "latency_from_send_ns": pl.Int64(),
    "samples": pl.Int64(),
    "tokens": pl.Int64(),
    "outcome": OUTCOME,
    "device_ns": pl.Int64(),
    "phase": PHASE,
    "itl_ns": pl.List(pl.Int64()),
    "rank": pl.Int32(),
    "started_ns": pl.Int64(),
    "queue_ns": pl.Int64(),
    "service_ns": pl.Int64(),
}
"""`itl_ns`: the gaps between a request's tokens; null where it has no tokens.

`queue_ns` is from sending to the start of the batch that the request was served in, `service_ns` from there to the
answer; both are null where it was never served. The two are the latency from send, and with sent − due from schedule.
"""

GAUGE_FIELDS: Schema = {
    "run": pl.Int32(),
    "at_ns": pl.Int64(),
    "device": pl.String(),
    "source": pl.String(),
    "core_percent": pl.List(pl.Float32()),
    "processes": pl.UInt32(),
}
"""What a reading has besides its gauges."""

GAUGE_TABLE: Schema = {**GAUGE_FIELDS, **{name: pl.Float64() for name in GAUGES}}
"""One row is what one source said of one device at one instant; `processes` counts those on the device."""

LOGS: Schema = {
    "run": pl.Int32(),
    "at_ns": pl.Int64(),
    "level": LEVEL,
    "origin": pl.String(),
    "text": pl.String(),
    "rank": pl.Int32(),
}

EVENTS: Schema = {
    "run": pl.Int32(),
    "rank": pl.Int32(),
    "at_ns": pl.Int64(),
    "wall_ns": pl.Int64(),
    "kind": EVENT_KIND,
    "text": pl.String(),
}
"""What happened now and then in a worker; `wall_ns` is 0 for what takes no time."""

SCHEMAS: dict[str, Schema] = {
    "steps": STEPS,
    "requests": REQUESTS,
    "gauges": GAUGE_TABLE,
    "logs": LOGS,
    "events": EVENTS,
}
"""By the names of `app.session.store.folder.TABLES`."""

INSTANT: Final[Mapping[str, str]] = {
    "steps": "start_ns",
    "requests": "scheduled_ns",
    "gauges": "at_ns",
    "logs": "at_ns",
    "events": "at_ns",
}
"""The column that says when a row of each table was, and by which the table is nearly in order."""

SAMPLE_END: Final[Mapping[str, pl.Expr]] = {
    "steps": pl.col("start_ns") + pl.col("wall_ns"),
    "requests": pl.col("done_ns"),
}
"""The end of a sample, which decides its phase."""
