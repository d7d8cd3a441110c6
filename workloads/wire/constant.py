"""Columns whose items are all the same, on the wire: one item and no more. In a frame they are as any other column.

Samples, tokens, bytes copied and launches rarely differ from step to step: a fifth of what a step costs in the journal.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from workloads.wire.columns import SIGNED_64, UNSIGNED_32
from workloads.wire.frames import Requests, Steps
from workloads.wire.items import ITEM_COLUMNS

CONSTANT: Final = b"="
"""In the place of a type code: then the code, and one item. How many there are is what the frame's key column says."""

FEWEST: Final = 4
"""Items that are worth it."""

MOST: Final = 1 << 18
"""Items that are made of one, at most; no frame comes near. Of more, a small frame would fill the memory."""

_SIZES: Final = {UNSIGNED_32.encode(): 4, SIGNED_64.encode(): 8}
_KEYS: Final = {Steps: "start_ns", Requests: "done_ns"}
"""The column that is never packed so, by which others are counted."""
_NAMES: Final = {
    kind: tuple(name for name in names if name not in ("loss", _KEYS[kind])) for kind, names in ITEM_COLUMNS.items()
}

Samples = Steps | Requests


def squeezed(frame: Samples) -> Samples:
    """The frame as it goes onto the wire."""
    found = {}
    for name in _NAMES[type(frame)]:
        column = getattr(frame, name)
        if column is not None and (size := _SIZES.get(column[:1])):
            item = column[1 : 1 + size]
            count, rest = divmod(len(column) - 1, size)
            if FEWEST <= count <= MOST and not rest and item * count == column[1:]:
                found[name] = CONSTANT + column[: 1 + size]
    return replace(frame, **found) if found else frame


def expanded(frame: Samples) -> Samples:
    """The frame as everybody but the wire knows it. Columns that cannot be what they say stay as they are."""
    found = {}
    count = None
    for name in _NAMES[type(frame)]:
        column = getattr(frame, name)
        if column is not None and column[:1] == CONSTANT:
            count = _count(getattr(frame, _KEYS[type(frame)])) if count is None else count
            size = _SIZES.get(column[1:2])
            if size is not None and len(column) == 2 + size and 0 < count <= MOST:
                found[name] = column[1:2] + column[2:] * count
    return replace(frame, **found) if found else frame


def _count(key: bytes) -> int:
    """Items of the key column; 0 of one that is none."""
    size = _SIZES.get(key[:1])
    return (len(key) - 1) // size if size is not None and not (len(key) - 1) % size else 0
