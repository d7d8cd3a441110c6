"""Framing: any cut of the bytes gives the same frames, and damage never gives a wrong one."""

from __future__ import annotations

import contextlib
import struct
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.strategies import frames, pieces
from workloads.wire.commands import AnyCommand, EndRun, Reply, Start, Status, Stop, Watch
from workloads.wire.frames import VERSION, AnyFrame, Done, Hello, Log
from workloads.wire.framing import (
    HEADER,
    LARGEST_PAYLOAD,
    DamagedStream,
    FrameReader,
    Splitter,
    UnknownVersion,
    decode_command,
    frame_bytes,
    payload_bytes,
)

cuts = st.lists(st.integers(0, 2**16), max_size=12)
streams = st.lists(frames, min_size=1, max_size=4)
HELLO = Hello(role="worker", pid=1, host="here", monotonic_ns=1, wall_ns=2)
LOG = Log(at_ns=1, text="said")


def read(reader: FrameReader, parts: list[bytes]) -> list[AnyFrame]:
    """The frames of a stream that comes in parts."""
    return [frame for part in parts for frame in reader.feed(part)]


def read_what_is_whole(stream: bytes) -> list[AnyFrame]:
    """The frames that come before the damage."""
    got: list[AnyFrame] = []
    with contextlib.suppress(DamagedStream, UnknownVersion):
        got.extend(FrameReader().feed(stream))
    return got


def framed(message: object) -> bytes:
    """Any message with a good header: what a later or a foreign program may send."""
    return payload_bytes(msgspec.msgpack.encode(message))


@given(sent=streams, cuts=cuts)
def test_any_cut_of_the_bytes_gives_the_same_frames(sent: list[AnyFrame], cuts: list[int]) -> None:
    stream = b"".join(map(frame_bytes, sent))
    reader = FrameReader()
    assert read(reader, pieces(stream, cuts)) == sent
    assert reader.splitter.offset == len(stream)
    assert reader.splitter.pending == 0


@given(sent=streams)
def test_one_byte_at_a_time_gives_the_same_frames(sent: list[AnyFrame]) -> None:
    stream = b"".join(map(frame_bytes, sent))
    assert read(FrameReader(), [bytes((byte,)) for byte in stream]) == sent


@given(sent=streams, length=st.integers(0, 2**16))
def test_a_truncated_stream_gives_the_frames_that_were_whole(sent: list[AnyFrame], length: int) -> None:
    stream = b"".join(map(frame_bytes, sent))
    kept = stream[: length % (len(stream) + 1)]
    reader = FrameReader()
    got = read(reader, [kept])
    assert got == sent[: len(got)]
    assert reader.splitter.offset == len(b"".join(map(frame_bytes, got)))
    assert reader.splitter.offset + reader.splitter.pending == len(kept)


@given(sent=streams, place=st.integers(0, 2**16), bit=st.integers(0, 7))
def test_a_flipped_bit_never_gives_a_wrong_frame(sent: list[AnyFrame], place: int, bit: int) -> None:
    stream = bytearray(b"".join(map(frame_bytes, sent)))
    stream[place % len(stream)] ^= 1 << bit
    got = read_what_is_whole(bytes(stream))
    assert got == sent[: len(got)]
    assert len(got) < len(sent)


@given(garbage=st.binary(min_size=8, max_size=200))
def test_garbage_gives_no_frame(garbage: bytes) -> None:
    assert read_what_is_whole(garbage) == []


def test_damage_is_told_with_its_place_and_what_stands_before_it_is_given() -> None:
    good = frame_bytes(HELLO)
    reader = FrameReader()
    got: list[AnyFrame] = []
    with pytest.raises(DamagedStream, match=f"damaged at byte {len(good)}: the checksum does not match") as damage:
        got.extend(reader.feed(good + HEADER.pack(3, 0) + b"abc" + good))
    assert damage.value.offset == reader.splitter.offset == len(good)
    assert got == [HELLO]


def test_a_length_that_cannot_be_is_damage_at_once_and_not_a_wait_for_gigabytes() -> None:
    with pytest.raises(DamagedStream, match="larger than any can be"):
        list(Splitter().feed(struct.pack("<II", LARGEST_PAYLOAD + 1, 0)))


def test_the_writer_refuses_what_no_reader_takes() -> None:
    with pytest.raises(ValueError, match="too large"):
        frame_bytes(Log(at_ns=1, text="x" * LARGEST_PAYLOAD))


def test_zeros_behind_a_file_are_damage_and_no_frames() -> None:
    good = frame_bytes(LOG)
    reader = FrameReader()
    with pytest.raises(DamagedStream):
        list(reader.feed(good + bytes(64)))
    assert reader.splitter.offset == len(good)


@pytest.mark.parametrize(
    "message",
    [{"frame": "log", "at_ns": "now", "text": ""}, {"frame": "log"}, {"text": "no kind"}, ["no", "map"], {"frame": 3}],
)
def test_a_whole_message_that_is_no_frame_is_damage_where_it_starts(message: object) -> None:
    good = frame_bytes(LOG)
    reader = FrameReader()
    with pytest.raises(DamagedStream) as damage:
        list(reader.feed(good + framed(message)))
    assert damage.value.offset == reader.splitter.offset == len(good)


@given(sent=streams, place=st.integers(0, 4), extra=st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3))
def test_a_frame_of_an_unknown_kind_is_skipped_and_counted(
    sent: list[AnyFrame], place: int, extra: dict[str, int]
) -> None:
    parts = [frame_bytes(frame) for frame in sent]
    parts.insert(place % (len(parts) + 1), framed({**extra, "frame": "of a later version"}))
    reader = FrameReader()
    assert read(reader, [b"".join(parts)]) == sent
    assert reader.unknown == 1


@pytest.mark.parametrize("known", [HELLO, LOG, Done(at_ns=3)])
def test_a_field_that_a_later_version_appended_is_skipped(known: AnyFrame) -> None:
    later = {**msgspec.msgpack.decode(msgspec.msgpack.encode(known)), "of_a_later_version": [1, 2]}
    assert read(FrameReader(), [framed(later)]) == [known]


def test_the_version_is_on_the_wire_though_it_is_the_default() -> None:
    payload = frame_bytes(HELLO)[HEADER.size :]
    assert msgspec.msgpack.decode(payload)["version"] == VERSION


@pytest.mark.parametrize("changes", [{}, {"role": "a new role"}, {"pid": None}])
def test_an_unknown_version_is_a_clear_error_whatever_else_changed_with_it(changes: dict[str, object]) -> None:
    later = {**msgspec.msgpack.decode(msgspec.msgpack.encode(HELLO)), "version": VERSION + 1, **changes}
    reader = FrameReader()
    with pytest.raises(UnknownVersion, match=f"of version {VERSION + 1}, this benchtop reads version {VERSION}"):
        list(reader.feed(framed(later)))
    assert reader.splitter.offset == 0


@given(sent=frames)
def test_the_header_is_length_and_checksum(sent: AnyFrame) -> None:
    stream = frame_bytes(sent)
    size, checksum = struct.unpack("<II", stream[:8])
    assert size == len(stream) - 8
    assert checksum == zlib.crc32(stream[8:])


@pytest.mark.parametrize(
    "command",
    [
        Start(run=1, workload="train/digits", parameters={"batch": 64, "lr": 0.1}, seed=0, folder="/tmp"),
        Stop(),
        EndRun(),
        Watch(run=1, pids=(1, 2)),
        Status(),
        Reply(accepted=True, pid=4),
    ],
)
def test_commands_travel_in_the_same_framing(command: AnyCommand) -> None:
    (payload,) = Splitter().feed(frame_bytes(command))
    assert decode_command(payload) == command


@pytest.mark.parametrize("payload", [b"", b"\xff", msgspec.msgpack.encode({"command": "of a later version"})])
def test_what_is_no_command_is_a_clear_error(payload: bytes) -> None:
    with pytest.raises(ValueError, match="no command"):
        decode_command(payload)
