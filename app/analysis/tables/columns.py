"""Packed columns of frames ↔ Polars series, whole buffers at a time: nothing here looks at a single sample."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby

import polars as pl

from workloads.wire.columns import FLOAT_32, FLOAT_64, SIGNED_64, UNSIGNED_32, length, unpack_integers
from workloads.wire.frames import Requests, Steps
from workloads.wire.items import ITEM_COLUMNS

_TYPES: dict[int, type[pl.DataType]] = {
    ord(UNSIGNED_32): pl.UInt32,
    ord(SIGNED_64): pl.Int64,
    ord(FLOAT_32): pl.Float32,
    ord(FLOAT_64): pl.Float64,
}
_NUMPY_TYPES = {ord(UNSIGNED_32): "<u4", ord(SIGNED_64): "<i8", ord(FLOAT_32): "<f4", ord(FLOAT_64): "<f8"}
_LARGEST_32 = 2**32 - 1

GAPS = "itl_ns"
"""The one column that has not a number a row, but a list of them."""

_LISTS = pl.List(pl.Int64)

FEW = 4096
"""Items that are packed without NumPy, which takes longer to import than they do."""
MANY = 1 << 18
"""From so many items on it is less work than exploding an array in Polars."""


_WHOLE = frozenset(map(ord, (UNSIGNED_32, SIGNED_64)))


def rows(frame: Steps | Requests) -> int | None:
    """How many samples a frame carries; None when its columns do not fit together, so that none can be trusted.

    Passes of a loop that serves are none: its requests are.
    """
    if isinstance(frame, Steps) and frame.passes:
        return 0
    columns = {name: column for name in ITEM_COLUMNS[type(frame)] if (column := getattr(frame, name)) is not None}
    gaps = frame.itl_ns if isinstance(frame, Requests) else None
    try:
        lengths = {length(column) for column in columns.values()}
        if len(lengths) != 1 or any(column[0] not in _WHOLE for name, column in columns.items() if name != "loss"):
            return None
        if gaps is not None and (gaps[0] not in _WHOLE or sum(gap_counts(columns["tokens"])) != length(gaps)):
            return None
    except (ValueError, LookupError):
        return None
    return lengths.pop()


def gap_counts(tokens: bytes) -> list[int]:
    """How many gaps each request has: one fewer than tokens. Raises ValueError for a negative number of tokens."""
    counts = unpack_integers(tokens)
    if counts and min(counts) < 0:
        raise ValueError("a request of fewer than no tokens")
    return [max(0, count - 1) for count in counts]


def gap_series(pieces: Sequence[tuple[bytes | None, bytes | None, int]]) -> pl.Series:
    """The gaps of many frames of requests → a list a request. A piece is (gaps, tokens, rows)."""
    parts = [
        pl.Series([None], dtype=_LISTS).new_from_index(0, count)
        if gaps is None or tokens is None
        else _lists(unpack_series([(gaps, length(gaps))], pl.Int64()), gap_counts(tokens))
        for gaps, tokens, count in pieces
        if count
    ]
    return pl.concat(parts) if parts else pl.Series(dtype=_LISTS)


def _lists(gaps: pl.Series, counts: Sequence[int]) -> pl.Series:
    """Gaps one after the other → so many to each; a request of one token has an empty list."""
    table = pl.DataFrame({"count": counts}).with_row_index("request")
    owners = table.select(pl.col("request").repeat_by("count").list.explode(empty_as_null=False))
    each = owners.with_columns(gap=gaps).group_by("request").agg("gap")
    whole = table.join(each, on="request", how="left", maintain_order="left")["gap"]
    return whole.fill_null(pl.Series([[]], dtype=_LISTS))


def unpack_series(pieces: Sequence[tuple[bytes | None, int]], into: pl.DataType) -> pl.Series:
    """One column of many frames → one series. A piece is (column, rows), its column None where it was not measured."""
    parts = [part.cast(into) for part in _stretches(pieces, into)]
    return pl.concat(parts) if parts else pl.Series(dtype=into)


def _stretches(pieces: Sequence[tuple[bytes | None, int]], into: pl.DataType) -> Iterator[pl.Series]:
    """The pieces joined as far as they are of one type."""
    for code, same in groupby(pieces, key=lambda piece: -1 if piece[0] is None else piece[0][0]):
        stretch = list(same)
        count = sum(rows for _, rows in stretch)
        if not count:
            continue
        if code == -1:
            yield pl.Series([None], dtype=into).new_from_index(0, count)
            continue
        packed = b"".join(memoryview(column)[1:] for column, _ in stretch if column is not None)
        yield _many(packed, code) if count >= MANY else _few(packed, code, count)


def _few(packed: bytes, code: int, count: int) -> pl.Series:
    array = pl.Array(_TYPES[code], count)
    return pl.Series([packed]).bin.reinterpret(dtype=array, endianness="little").explode()


def _many(packed: bytes, code: int) -> pl.Series:
    import numpy as np

    return pl.Series(np.frombuffer(packed, _NUMPY_TYPES[code]).astype(_NUMPY_TYPES[code][1:], copy=False))


class PackedSeries:
    """A series as one column of frames, any stretch of which is a column too."""

    def __init__(self, series: pl.Series) -> None:
        self.missing = series.is_null()
        """Row by row: whether it was not measured."""
        self._code, kind, width = _narrowest(series)
        whole = series.fill_null(0) if series.null_count() else series
        self._items = memoryview(_little_endian(whole.cast(kind), self._code, width))
        self._size = int(width[1])

    def stretch(self, first: int, last: int) -> bytes:
        """Rows `first` up to but not including `last`, all of them measured."""
        return self._code + self._items[first * self._size : last * self._size]


def _little_endian(items: pl.Series, code: bytes, width: str) -> bytes:
    if len(items) > FEW:
        return bytes(items.to_numpy().astype(f"<{width}", copy=False).tobytes())
    column = array(code.decode(), items.to_list())
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _narrowest(series: pl.Series) -> tuple[bytes, type[pl.DataType], str]:
    """The wire's code, the type and its width for the smallest type of the wire that holds all items."""
    if series.dtype.is_float():
        return FLOAT_64.encode(), pl.Float64, "f8"
    smallest, largest = series.min(), series.max()
    if isinstance(smallest, int) and isinstance(largest, int) and smallest >= 0 and largest <= _LARGEST_32:
        return UNSIGNED_32.encode(), pl.UInt32, "u4"
    return SIGNED_64.encode(), pl.Int64, "i8"
