"""How text was told: time to the first token, time a token, every gap, and the bandwidth that a decode step reached."""

from __future__ import annotations

import polars as pl

from app.analysis.summary.report import Generation
from app.analysis.summary.times import times_of
from workloads.wire.frames import RunStarted


def generation_of(requests: pl.LazyFrame, started: RunStarted | None, copied_per_s: float | None) -> Generation | None:
    """`requests`: those that times rest on. `copied_per_s`: bytes a second of the device's roofline.

    None where no request has tokens.
    """
    told = requests.filter(pl.col("tokens") > 0)
    from_send = times_of("TTFT from send", told, pl.col("first_ns") - pl.col("sent_ns"))
    timed = requests.filter((pl.col("tokens") > 0) | (pl.col("outcome") == "unserved"))
    ttft = times_of("TTFT", timed, pl.col("first_ns") - pl.col("scheduled_ns"))
    if from_send is None or ttft is None:
        return None
    several = told.filter(pl.col("tokens") > 1)
    itl = times_of("ITL", several, pl.col("itl_ns").drop_nulls().list.explode(empty_as_null=False))
    step = started.bytes_per_decode_step if started else None
    reached = step / (itl.mean_ms / 1e3) if step and itl and itl.mean_ms else None
    return Generation(
        ttft=ttft,
        tpot=times_of("TPOT", several, (pl.col("done_ns") - pl.col("first_ns")) / (pl.col("tokens") - 1)),
        itl=itl,
        ttft_from_send=from_send,
        tpot_from_schedule=times_of("TPOT from schedule", told, pl.col("latency_from_schedule_ns") / pl.col("tokens")),
        decode_bytes_per_s=reached,
        decode_fraction=reached / copied_per_s if reached and copied_per_s else None,
    )
