"""A table in slices: all of its rows, in their order, however long the slices are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from app.analysis.tables.slices import slices


@pytest.mark.parametrize("rows", [1, 3, 10, 11])
def test_all_rows_come_in_their_order(tmp_path: Path, rows: int) -> None:
    whole = pl.DataFrame({"number": range(10)})
    for place, first in enumerate((0, 4, 5)):
        whole[first : (4, 5, 10)[place]].write_parquet(tmp_path / f"{place}.parquet")
    pieces = list(slices(pl.scan_parquet(sorted(tmp_path.iterdir())), rows))
    assert pl.concat(pieces).equals(whole)
    assert {len(piece) for piece in pieces[:-1]} <= {rows}


def test_there_is_no_slice_of_nothing() -> None:
    assert not list(slices(pl.LazyFrame({"number": []}), 5))
