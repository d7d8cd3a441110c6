"""Columns: what goes in comes out, in the smallest type that holds it."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.wire.columns import length, pack_floats, pack_integers, unpack, unpack_integers

INT_64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(INT_64))
def test_whole_numbers_round_trip(values: list[int]) -> None:
    column = pack_integers(values)
    assert unpack_integers(column).tolist() == values
    assert length(column) == len(values)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1))
def test_what_fits_into_32_bits_takes_four_bytes_an_item(values: list[int]) -> None:
    assert len(pack_integers(values)) == 1 + 4 * len(values)


@given(st.lists(INT_64), st.integers(2**32, 2**63 - 1) | st.integers(-(2**63), -1))
def test_one_item_that_does_not_fit_makes_the_column_eight_bytes_an_item(values: list[int], large: int) -> None:
    column = pack_integers([*values, large])
    assert len(column) == 1 + 8 * (len(values) + 1)
    assert unpack_integers(column).tolist() == [*values, large]


@given(st.lists(INT_64))
def test_an_array_packs_as_its_items_do(values: list[int]) -> None:
    assert pack_integers(array("q", values)) == pack_integers(values)


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_single_precision_round_trips_in_four_bytes(values: list[float]) -> None:
    column = pack_floats(values)
    assert unpack(column).tolist() == values
    assert len(column) == 1 + 4 * len(values)


@given(st.lists(st.floats(allow_nan=False)))
def test_double_precision_round_trips_in_eight_bytes(values: list[float]) -> None:
    column = pack_floats(values, double=True)
    assert unpack(column).tolist() == values
    assert len(column) == 1 + 8 * len(values)


def test_items_are_little_endian_whatever_the_machine() -> None:
    assert pack_integers([1, 256]) == b"I\x01\x00\x00\x00\x00\x01\x00\x00"
    assert pack_integers([-1]) == b"q" + b"\xff" * 8


@pytest.mark.parametrize("column", [b"", b"x", b"I\x00", b"q\x00\x00\x00\x00", b"d" + bytes(7)])
def test_what_is_no_column_is_a_clear_error_for_its_items_and_its_length(column: bytes) -> None:
    with pytest.raises(ValueError, match="a column starts with one of I, q, f, d and holds whole items"):
        unpack(column)
    with pytest.raises(ValueError, match="a column starts with"):
        length(column)


def test_floats_are_no_whole_numbers() -> None:
    with pytest.raises(ValueError, match="a column of whole numbers is expected"):
        unpack_integers(pack_floats([1.0]))
