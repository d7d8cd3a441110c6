"""Measured time, counted by hand nanosecond by nanosecond."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.summary.windows import measured_until

EDGES = st.lists(st.integers(0, 60), max_size=10, unique=True).map(sorted)


@given(EDGES, st.lists(st.integers(0, 70)))
def test_every_nanosecond_of_a_window_counts_once(edges: list[int], instants: list[int]) -> None:
    windows = list(zip(edges[::2], edges[1::2], strict=False))
    found = measured_until(windows, pl.Series(instants, dtype=pl.Int64)).to_list()
    assert found == [sum(begin <= ns < end for ns in range(at_ns) for begin, end in windows) for at_ns in instants]
