"""Columns: many numbers of one kind as packed little-endian bytes.

One type code and the raw items. The smallest code that holds every item without loss is taken, so
that a step costs about 44 bytes instead of 80. Never holds a missing value: a column is whole or
not there.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable

UNSIGNED_32 = "I"
SIGNED_64 = "q"
FLOAT_32 = "f"
FLOAT_64 = "d"

_SIZES = {UNSIGNED_32: 4, SIGNED_64: 8, FLOAT_32: 4, FLOAT_64: 8}
_SIZE_OF = {ord(code): size for code, size in _SIZES.items()}
_SWAP = sys.byteorder == "big"
_LARGEST_32 = 2**32 - 1


def pack_integers(values: Iterable[int]) -> bytes:
    """Whole numbers → a column, 4 bytes an item where all fit into 32 unsigned bits, else 8."""
    column = values if isinstance(values, array) and values.typecode == SIGNED_64 else array(SIGNED_64, values)
    if not column or (min(column) >= 0 and max(column) <= _LARGEST_32):
        return _pack(array(UNSIGNED_32, column))
    return _pack(column)


def pack_floats(values: Iterable[float], *, double: bool = False) -> bytes:
    """Numbers → a column of 32-bit floats (losses and rates need no more), or of 64-bit ones."""
    return _pack(array(FLOAT_64 if double else FLOAT_32, values))


def unpack(column: bytes) -> array[int] | array[float]:
    """A column → its items. Raises ValueError when the bytes are no column."""
    length(column)
    items: array[int] | array[float] = array(chr(column[0]))
    items.frombytes(memoryview(column)[1:])
    if _SWAP:
        items.byteswap()
    return items


def unpack_integers(column: bytes) -> array[int]:
    """A column of whole numbers → its items. Raises ValueError when it holds floats."""
    items = unpack(column)
    if items.typecode not in (UNSIGNED_32, SIGNED_64):
        raise ValueError(f"a column of whole numbers is expected, not of type {items.typecode!r}")
    return items  # type: ignore[return-value]


def length(column: bytes) -> int:
    """How many items a column holds. Raises ValueError when the bytes are no column."""
    size = _SIZE_OF.get(column[0]) if column else None
    if size is None or (len(column) - 1) % size:
        raise ValueError(
            f"a column starts with one of {', '.join(_SIZES)} and holds whole items; "
            f"got {column[:1]!r} and {max(0, len(column) - 1)} bytes"
        )
    return (len(column) - 1) // size


def _pack(items: array[int] | array[float]) -> bytes:
    if _SWAP:
        items = array(items.typecode, items)
        items.byteswap()
    return items.typecode.encode() + items.tobytes()
