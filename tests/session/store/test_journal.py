"""The journal: whole frames or nothing, and a reader that says where it stopped."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session.store.journal import JournalReader, JournalWriter
from app.session.store.sound import SoundFrames
from tests.full_disk import files_limited_to
from tests.session.frames import MS, SECOND, hello, measuring, requests, started, steps
from tests.wire.strategies import frames as any_frame
from workloads.wire.frames import AnyFrame, Done, Gauges, Log
from workloads.wire.framing import UnknownVersion, frame_bytes, payload_bytes

FRAMES: tuple[AnyFrame, ...] = (
    hello(),
    started(),
    measuring(),
    steps(0, 10),
    Gauges(at_ns=SECOND, device="host", source="proc", readings={"swap_used_bytes": 0.0}),
    Log(run=1, at_ns=SECOND, text="half way"),
    requests([SECOND], 5 * MS),
    Done(at_ns=2 * SECOND),
)
STREAM = b"".join(map(frame_bytes, FRAMES))
ENDS = [sum(len(frame_bytes(frame)) for frame in FRAMES[:count]) for count in range(len(FRAMES) + 1)]


def write(path: Path, *pieces: bytes) -> None:
    journal = JournalWriter(path)
    for piece in pieces:
        journal.append(piece)
    journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.frames"


def test_what_was_appended_is_read_in_its_order(path: Path) -> None:
    write(path, *map(frame_bytes, FRAMES))
    reader = JournalReader(path)
    assert tuple(reader) == FRAMES
    assert reader.recovery().frames == len(FRAMES)
    assert reader.recovery().lost_bytes == 0
    assert reader.recovery().reason == ""
    assert not reader.damaged


def test_it_is_its_owners_alone(path: Path) -> None:
    write(path, STREAM)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_writer_goes_on_where_the_first_one_stopped(path: Path) -> None:
    write(path, STREAM[: ENDS[3]])
    journal = JournalWriter(path)
    assert journal.size == ENDS[3]
    journal.append(STREAM[ENDS[3] :])
    journal.sync()
    assert journal.size == len(STREAM)
    journal.close()
    assert tuple(JournalReader(path)) == FRAMES


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(STREAM)))
def test_any_cut_keeps_every_frame_before_it_and_says_what_was_lost(cut: int) -> None:
    kept = sum(end <= cut for end in ENDS) - 1
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "journal.frames")
        path.write_bytes(STREAM[:cut])
        reader = JournalReader(path)
        assert tuple(reader) == FRAMES[:kept]
    recovery = reader.recovery()
    assert (recovery.frames, recovery.lost_bytes) == (kept, cut - ENDS[kept])
    assert bool(recovery.reason) == (cut != ENDS[kept])
    assert not reader.damaged, "an unfinished frame is no damage"


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, len(STREAM) - 1), min_size=1, max_size=3), st.integers(1, 255))
def test_damaged_bytes_cost_the_frames_that_they_lie_in_and_no_other(places: set[int], flipped: int) -> None:
    damaged = bytearray(STREAM)
    for place in places:
        damaged[place] ^= flipped
    hit = {sum(end <= place for end in ENDS) - 1 for place in places}
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "journal.frames")
        path.write_bytes(damaged)
        reader = JournalReader(path)
        assert tuple(reader) == tuple(frame for number, frame in enumerate(FRAMES) if number not in hit)
    recovery = reader.recovery()
    lost = [(ENDS[number], ENDS[number + 1]) for number in sorted(hit)]
    assert recovery.lost_bytes == sum(end - begin for begin, end in lost)
    named = [(each.offset, each.offset + each.bytes) for each in recovery.damages]
    assert recovery.places == len(named)
    if reader.unfinished_bytes:
        # A length that was damaged near the end, with no whole frame behind it, looks like a cut.
        assert "never finished" in recovery.reason
        named.append((reader.end, len(STREAM)))
    assert all(any(first <= begin < end <= last for first, last in named) for begin, end in lost)
    assert recovery.reason


def test_every_damaged_place_is_named_with_what_is_wrong_there(path: Path) -> None:
    damaged = bytearray(STREAM)
    damaged[ENDS[1] + 20] ^= 1
    damaged[ENDS[4] + 2] ^= 0xFF
    path.write_bytes(damaged)
    reader = JournalReader(path)
    assert tuple(reader) == (*FRAMES[:1], *FRAMES[2:4], *FRAMES[5:])
    first, second = reader.recovery().damages
    assert (first.offset, first.bytes, first.reason) == (ENDS[1], ENDS[2] - ENDS[1], "the checksum does not match")
    assert (second.offset, second.bytes) == (ENDS[4], ENDS[5] - ENDS[4])
    assert reader.recovery().reason.startswith(
        f"damaged at byte {ENDS[1]}: the checksum does not match, the first of 2"
    )


def test_a_length_that_points_beyond_the_end_hides_nothing(path: Path) -> None:
    damaged = bytearray(STREAM)
    damaged[ENDS[2] + 2] ^= 0x40
    path.write_bytes(damaged)
    reader = JournalReader(path)
    assert tuple(reader) == (*FRAMES[:2], *FRAMES[3:])
    assert [(each.offset, each.bytes) for each in reader.recovery().damages] == [(ENDS[2], ENDS[3] - ENDS[2])]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 400), max_size=12), st.integers(0, len(STREAM) - 1))
def test_damage_is_the_same_in_whatever_pieces_a_stream_comes(lengths: list[int], place: int) -> None:
    damaged = bytearray(STREAM)
    damaged[place] ^= 0x55
    whole, cut = SoundFrames(), SoundFrames()
    at_once = [*whole.feed(bytes(damaged)), *whole.end()]
    by_pieces: list[AnyFrame] = []
    begin = 0
    for length in (*lengths, len(damaged)):
        by_pieces += cut.feed(bytes(damaged[begin : begin + length]))
        begin += length
    assert by_pieces + list(cut.end()) == at_once
    assert cut.damages == whole.damages
    assert cut.offset + cut.unfinished_bytes == len(damaged)


def test_a_journal_that_was_made_to_cost_time_does_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.session.store.sound.EFFORT", 1 << 22)
    header = (200_000).to_bytes(4, "little") + bytes(4)
    path.write_bytes(frame_bytes(hello()) + (header + b"\x81\xa5frame\xa4done") * 20_000)
    reader = JournalReader(path)
    assert list(reader) == [hello()]
    (damage,) = reader.recovery().damages
    assert damage.bytes == path.stat().st_size - damage.offset
    assert "too much of that kind" in damage.reason


@settings(max_examples=30, deadline=None)
@given(st.lists(any_frame, max_size=8))
def test_frames_of_every_kind_come_back_as_they_were(frames: list[AnyFrame]) -> None:
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "journal.frames")
        write(path, *map(frame_bytes, frames))
        assert list(JournalReader(path)) == frames


def test_frames_of_a_newer_kind_are_skipped_and_counted(path: Path) -> None:
    newer = payload_bytes(b"\x82\xa5frame\xa5newer\xa3run\x01")
    write(path, frame_bytes(hello()), newer, frame_bytes(Done(at_ns=1)))
    reader = JournalReader(path)
    assert [type(frame) for frame in reader] == [type(hello()), Done]
    assert reader.unknown == 1


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    write(path, frame_bytes(type(hello())(role="conductor", pid=1, host="x", monotonic_ns=0, wall_ns=0, version=99)))
    with pytest.raises(UnknownVersion, match="version 99"):
        list(JournalReader(path))


def test_a_journal_larger_than_a_chunk_is_read_whole(path: Path) -> None:
    frames = [steps(n * SECOND, 5000, each_ns=MS // 10) for n in range(40)]
    write(path, *map(frame_bytes, frames))
    assert path.stat().st_size > 2 << 20
    assert list(JournalReader(path)) == frames


def test_on_a_full_disk_the_last_frame_is_lost_whole_and_no_other(path: Path) -> None:
    room = ENDS[4] + 20
    journal = JournalWriter(path)
    with files_limited_to(room):
        for frame in FRAMES[:4]:
            journal.append(frame_bytes(frame))
        with pytest.raises(OSError, match="File too large"):
            journal.append(frame_bytes(FRAMES[4]))
    journal.close()
    assert ENDS[4] == journal.size == path.stat().st_size < room
    reader = JournalReader(path)
    assert tuple(reader) == FRAMES[:4]
    assert reader.recovery().lost_bytes == 0


def test_a_killed_writer_leaves_what_it_had_appended(path: Path) -> None:
    script = (
        "import os, pathlib, signal, sys\n"
        "from app.session.store.journal import JournalWriter\n"
        "journal = JournalWriter(pathlib.Path(sys.argv[1]))\n"
        "journal.append(sys.stdin.buffer.read())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = (sys.executable, "-P", "-c", script, str(path))
    subprocess.run(command, input=STREAM, check=False)
    assert tuple(JournalReader(path)) == FRAMES
