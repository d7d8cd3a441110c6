"""Columns of one item again and again: small on the wire, and nobody else knows."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.constant import MOST, expanded, squeezed
from workloads.wire.frames import Requests, Steps
from workloads.wire.framing import FrameReader, frame_bytes

ITEMS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)


def steps(samples: list[int], **columns: bytes) -> Steps:
    """So many steps, one after the other."""
    count = len(samples)
    return Steps(
        start_ns=pack_integers(range(count)),
        wall_ns=pack_integers([7] * count),
        samples=pack_integers(samples),
        **columns,  # type: ignore[arg-type]
    )


@given(st.lists(ITEMS, max_size=9) | ITEMS.map(lambda item: [item] * 50))
def test_a_frame_comes_back_as_it_was(samples: list[int]) -> None:
    frame = steps(samples, loss=pack_floats([0.5] * len(samples)), tokens=pack_integers(samples))
    assert expanded(squeezed(frame)) == frame
    assert list(FrameReader().feed(frame_bytes(frame))) == [frame]


def test_a_column_of_one_item_costs_one_item() -> None:
    few, many = steps([64] * 100), steps([64] * 200)
    assert len(frame_bytes(many)) - len(frame_bytes(few)) <= 4 * 100 + 2


def test_requests_come_back_too() -> None:
    one = pack_integers([1] * 10)
    frame = Requests(
        scheduled_ns=one,
        sent_ns=one,
        first_ns=one,
        done_ns=pack_integers(range(10)),
        samples=one,
        outcome=one,
        tokens=one,
    )
    assert list(FrameReader().feed(frame_bytes(frame))) == [frame]
    assert len(frame_bytes(frame)) < 200


def test_what_cannot_be_stays_as_it_is_and_takes_no_memory() -> None:
    """Frames from strangers: no key column to count by, more than any frame has, half an item."""
    sound = squeezed(steps([64] * 10))
    many = b"I" + array("I", range(MOST + 1)).tobytes()
    for odd in (
        replace(sound, start_ns=b""),
        replace(sound, start_ns=b"=I\x01\x00\x00\x00"),
        replace(sound, start_ns=b"I\x00"),
        replace(sound, start_ns=many),
        replace(sound, wall_ns=b"=I\x00", samples=b"=", start_ns=pack_integers([1])),
        replace(sound, wall_ns=b"=d" + bytes(8), samples=b"==", start_ns=pack_integers([1])),
    ):
        assert expanded(odd) == odd
