"""Frames of samples → chunks of the steps and requests tables.

No loop over samples, and no more than a chunk in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import polars as pl

from app.analysis.tables.columns import GAPS, gap_series, rows, unpack_series
from app.analysis.tables.schema import OUTCOME, PHASE, REQUESTS, STEPS
from workloads.wire.frames import ANSWERED, UNSERVED, AnyFrame, Phase, Requests, Steps
from workloads.wire.items import ITEM_COLUMNS

CHUNK_ROWS = 1 << 19

Phases = Mapping[int, Sequence[Phase]]
"""Each run's phases in order of time."""

_Samples = TypeVar("_Samples", Steps, Requests)

_NO_PHASES: Sequence[Phase] = ()


def step_chunks(frames: Iterable[AnyFrame], phases: Phases, size: int = CHUNK_ROWS) -> Iterator[pl.DataFrame]:
    """All steps, in the order in which they were written; each chunk is of one run and about `size` rows."""
    for chunk in _gather(frames, Steps, size):
        table = _unpacked(chunk, STEPS)
        end = table["start_ns"] + table["wall_ns"]
        yield table.with_columns(phase_at(phases.get(chunk[0].run, _NO_PHASES), end)).select(*STEPS)


def request_chunks(frames: Iterable[AnyFrame], phases: Phases, size: int = CHUNK_ROWS) -> Iterator[pl.DataFrame]:
    """All requests, in the order in which they were written; each chunk is of one run and about `size` rows."""
    for chunk in _gather(frames, Requests, size):
        codes = {**REQUESTS, "outcome": pl.Int64()}
        table = _unpacked(chunk, codes).with_columns(
            latency_from_schedule_ns=pl.col("done_ns") - pl.col("scheduled_ns"),
            latency_from_send_ns=pl.col("done_ns") - pl.col("sent_ns"),
            queue_ns=pl.col("started_ns") - pl.col("sent_ns"),
            service_ns=pl.col("done_ns") - pl.col("started_ns"),
            outcome=pl.when(outcome=ANSWERED)
            .then(pl.lit("answered"))
            .when(outcome=UNSERVED)
            .then(pl.lit("unserved"))
            .otherwise(pl.lit("failed"))
            .cast(OUTCOME),
        )
        phase = phase_at(phases.get(chunk[0].run, _NO_PHASES), table["done_ns"])
        yield table.with_columns(phase).select(*REQUESTS)


def phase_at(phases: Sequence[Phase], instants: pl.Series) -> pl.Series:
    """The phase in which each instant falls; null before the first. A phase includes the instant at which it begins."""
    begins = pl.Series([phase.at_ns for phase in phases], dtype=pl.Int64)
    names = pl.Series("phase", [None, *(phase.phase for phase in phases)], dtype=PHASE)
    return (
        names.gather(begins.search_sorted(instants, side="right")) if phases else names.new_from_index(0, len(instants))
    )


def _gather(frames: Iterable[AnyFrame], kind: type[_Samples], size: int) -> Iterator[list[_Samples]]:
    """Neighbouring frames of a run, enough for a chunk. Frames whose columns do not fit are left out.

    Ranks speak by turns, many times a second: a chunk is of all of them, for one of each would be one of each frame.
    """
    gathered: list[_Samples] = []
    held = 0
    for frame in frames:
        if not isinstance(frame, kind) or not (count := rows(frame)):
            continue
        if gathered and (held >= size or frame.run != gathered[0].run):
            yield gathered
            gathered, held = [], 0
        gathered.append(frame)
        held += count
    if gathered:
        yield gathered


def _unpacked(chunk: Sequence[Steps | Requests], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    counts = [rows(frame) or 0 for frame in chunk]
    table = pl.DataFrame(
        {
            name: unpack_series(
                [(getattr(frame, name), count) for frame, count in zip(chunk, counts, strict=True)], schema[name]
            )
            for name in ITEM_COLUMNS[type(chunk[0])]
        }
    ).with_columns(_ranks(chunk, counts), run=pl.lit(chunk[0].run, dtype=pl.Int32))
    if GAPS not in schema:
        return table
    gaps = [
        (frame.itl_ns, frame.tokens, count)
        for frame, count in zip(chunk, counts, strict=True)
        if isinstance(frame, Requests)
    ]
    return table.with_columns(gap_series(gaps).alias(GAPS))


def _ranks(chunk: Sequence[Steps | Requests], counts: Sequence[int]) -> pl.Series:
    """Row by row, of which rank it is. `counts`: rows of each frame."""
    frames = pl.DataFrame(
        {"rank": [frame.rank for frame in chunk], "count": counts}, schema_overrides={"rank": pl.Int32}
    )
    return frames.select(pl.col("rank").repeat_by("count").explode()).to_series()
