"""Rows of measurement on their way to frames: what the measured loop leaves behind, and how it is packed.

Packing runs in the sender's thread, never in the measured loop. A frame's optional column is there
for all its rows or for none, so rows are cut where presence changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any, Final, NamedTuple

from workloads.wire.clock import AlignedClock
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import INSTANT_COLUMNS, Requests, Steps

ROWS_A_FRAME: Final = 1_000
"""Largest number of rows packed at once, so that the measured loop never waits long for the interpreter."""

GAPS_A_FRAME: Final = 500_000
"""Largest number of gaps between tokens in a frame: 4 MB, or 2 MB where they fit into 32 bits."""


class StepRow(NamedTuple):
    """One step; the fields are those of `Steps`, in its order. None: not measured."""

    start_ns: int
    wall_ns: int
    samples: int
    data_wait_ns: int | None = None
    h2d_ns: int | None = None
    forward_ns: int | None = None
    backward_ns: int | None = None
    optimizer_ns: int | None = None
    device_ns: int | None = None
    tokens: int | None = None
    loss: float | None = None
    comm_ns: int | None = None
    sync_ns: int | None = None
    syncs: int | None = None
    h2d_bytes: int | None = None
    pageable_bytes: int | None = None
    ahead_ns: int | None = None
    launches: int | None = None


class RequestRow(NamedTuple):
    """One request; the fields are those of `Requests`, in its order. None: not measured."""

    scheduled_ns: int
    sent_ns: int
    first_ns: int
    done_ns: int
    samples: int
    outcome: int
    device_ns: int | None = None
    tokens: int | None = None
    itl_ns: tuple[int, ...] | None = None
    """The gaps between its tokens."""
    started_ns: int | None = None
    """When the batch that it was served in was started; None where it was never served."""


Row = StepRow | RequestRow


def pack(run: int, rows: Iterable[Row], clock: AlignedClock | None = None) -> Iterator[Steps | Requests]:
    """Rows in order → frames in order, each of one kind of row with the same columns present.

    With a clock, instants become those of the conductor's host.
    """
    for _, alike in groupby(rows, key=_shape):
        group = list(alike)
        most = _rows_a_frame(group)
        for first in range(0, len(group), most):
            yield _frame(run, group[first : first + most], clock)


def _rows_a_frame(group: Sequence[Row]) -> int:
    """Fewer where each row has many gaps: a frame has a largest size."""
    gaps = max((len(row.itl_ns) for row in group if isinstance(row, RequestRow) and row.itl_ns), default=0)
    return max(1, min(ROWS_A_FRAME, GAPS_A_FRAME // max(1, gaps)))


def _shape(row: Row) -> tuple[object, ...]:
    return (type(row), *[value is None for value in row])


def _frame(run: int, rows: Sequence[Row], clock: AlignedClock | None) -> Steps | Requests:
    kind = type(rows[0])
    columns = {
        name: _column(name, items if clock is None or name not in INSTANT_COLUMNS else clock.times(items))
        for name, items in zip(kind._fields, zip(*rows, strict=True), strict=True)
        if items[0] is not None
    }
    frame = Steps if kind is StepRow else Requests
    return frame(run=run, **columns)  # type: ignore[arg-type]


def _column(name: str, items: Sequence[Any]) -> bytes:
    if name == "loss":
        return pack_floats(items)
    return pack_integers(chain.from_iterable(items) if name == "itl_ns" else items)
