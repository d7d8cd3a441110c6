"""Packed columns of frames ↔ Polars series, whole buffers at a time: nothing here looks at a single sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import polars as pl

from workloads.wire.columns import FLOAT_32, FLOAT_64, SIGNED_64, UNSIGNED_32, length
from workloads.wire.frames import Requests, Steps

_TYPES: dict[int, type[pl.DataType]] = {
    ord(UNSIGNED_32): pl.UInt32,
    ord(SIGNED_64): pl.Int64,
    ord(FLOAT_32): pl.Float32,
    ord(FLOAT_64): pl.Float64,
}
_LARGEST_32 = 2**32 - 1

COLUMNS: dict[type[Steps] | type[Requests], tuple[str, ...]] = {
    kind: tuple(name for name in kind.__struct_fields__ if name != "run") for kind in (Steps, Requests)
}
"""The names of each kind's columns."""


_WHOLE = frozenset(map(ord, (UNSIGNED_32, SIGNED_64)))


def rows(frame: Steps | Requests) -> int | None:
    """How many samples a frame carries; None when its columns do not fit together, so that none can be trusted."""
    columns = [(name, column) for name in COLUMNS[type(frame)] if (column := getattr(frame, name)) is not None]
    try:
        lengths = {length(column) for _, column in columns}
    except ValueError:
        return None
    if len(lengths) != 1 or any(column[0] not in _WHOLE for name, column in columns if name != "loss"):
        return None
    return lengths.pop()


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
        array = pl.Array(_TYPES[code], count)
        yield pl.Series([packed]).bin.reinterpret(dtype=array, endianness="little").explode()


def pack_series(series: pl.Series) -> bytes | None:
    """One series → a column of a frame; None when it holds no value at all. Nulls among values are not allowed."""
    if series.null_count() == len(series) and len(series):
        return None
    assert not series.null_count(), f"{series.name} is measured in part of a frame"
    if series.dtype.is_float():
        return FLOAT_64.encode() + series.cast(pl.Float64).to_numpy().astype("<f8", copy=False).tobytes()
    if not len(series) or (_whole(series.min()) >= 0 and _whole(series.max()) <= _LARGEST_32):
        return UNSIGNED_32.encode() + series.cast(pl.UInt32).to_numpy().astype("<u4", copy=False).tobytes()
    return SIGNED_64.encode() + series.cast(pl.Int64).to_numpy().astype("<i8", copy=False).tobytes()


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
