"""A table read from its beginning to its end by who takes longer over it than reading does, or writes it down.

Polars' own batches run ahead of whoever takes them, and its sinks hold a piece of the table for every processor. Here
a slice is read when it is asked for, and there is never more than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

ROWS: Final = 1 << 17
"""Of a slice: 30 MB of steps. Row groups are a few of them; smaller ones are read no faster, and begun more often."""


def slices(table: pl.LazyFrame, rows: int = ROWS) -> Iterator[pl.DataFrame]:
    """All rows in their order, so many at a time.

    What is done with them is done slice by slice: of a table that is filtered or sorted, each slice would begin at the
    table's first row.
    """
    first = 0
    while True:
        piece = table.slice(first, rows).collect()
        if not piece.is_empty():
            yield piece
        if len(piece) < rows:
            return
        first += rows
