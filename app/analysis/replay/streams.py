"""Tables of a session → streams of frames, each in the order of time, and all of them as one on stdout: what whoever
plays a saved session and whoever comes late to one that goes on have in common.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Final

import polars as pl

from app.analysis.replay.gauges import gauge_frames
from app.analysis.replay.samples import Span, sample_frames
from app.analysis.tables.of_frames import Tables
from workloads.wire.frames import AnyFrame, Event, Log, Requests, Steps
from workloads.wire.framing import frame_bytes

BUFFER_BYTES: Final = 1 << 18

EVENT, SAMPLE, END, AFTER = 0, 1, 2, 3
"""What comes first of what is at one instant."""

Timed = tuple[int, int, AnyFrame]
"""When, what comes first of what is at one instant, and the frame."""


def table_streams(
    tables: Tables,
    begins: pl.Series,
    span: Span | None,
    absent: Mapping[str, Mapping[str, str]],
    until_ns: int | None = None,
) -> list[Iterator[Timed]]:
    """One of each table. `begins`, `span` and `until_ns`: as `sample_frames` has them, which alone cuts its tables;
    `absent`: as `gauge_frames` does.
    """
    samples = [
        sample_frames(tables[name], kind, begins, span, until_ns)
        for name, kind in (("steps", Steps), ("requests", Requests))
    ]
    return [
        *(((at_ns, SAMPLE, frame) for at_ns, frame in each) for each in samples),
        ((frame.at_ns, SAMPLE, frame) for frame in gauge_frames(tables["gauges"].collect(), absent)),
        _rows(tables["logs"].collect(), Log),
        _rows(tables["events"].collect(), Event),
    ]


def in_order(*streams: Iterable[Timed]) -> Iterator[Timed]:
    """All of them as one; of what is at one instant and of one kind, that of an earlier stream comes first."""
    return heapq.merge(*streams, key=itemgetter(0, 1))


def write_frames(frames: Iterable[AnyFrame]) -> None:
    """Give them on stdout. Raises BrokenPipeError when the reader is gone."""
    # Not sys.stdout: its buffer is small, and it would complain again at exit then.
    with open(1, "wb", buffering=BUFFER_BYTES, closefd=False) as out:
        out.writelines(map(frame_bytes, frames))


def _rows(table: pl.DataFrame, kind: type[Log] | type[Event]) -> Iterator[Timed]:
    """Frames that are a row each."""
    for row in table.sort("at_ns", maintain_order=True).iter_rows(named=True):
        yield row["at_ns"], SAMPLE, kind(**row)
