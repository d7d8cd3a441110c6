"""The journal: whole frames or nothing, and a reader that says where it stopped."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session.journal import JournalReader, JournalWriter
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
@given(st.integers(0, len(STREAM) - 1), st.integers(1, 255))
def test_no_frame_is_ever_given_from_damaged_bytes_or_behind_them(place: int, flipped: int) -> None:
    damaged = bytearray(STREAM)
    damaged[place] ^= flipped
    whole = sum(end <= place for end in ENDS) - 1
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "journal.frames")
        path.write_bytes(damaged)
        reader = JournalReader(path)
        assert tuple(reader) == FRAMES[:whole]
    assert reader.recovery().lost_bytes == len(STREAM) - ENDS[whole]
    assert reader.recovery().reason


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
        "from app.session.journal import JournalWriter\n"
        "journal = JournalWriter(pathlib.Path(sys.argv[1]))\n"
        "journal.append(sys.stdin.buffer.read())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = (sys.executable, "-P", "-c", script, str(path))
    subprocess.run(command, input=STREAM, check=False)
    assert tuple(JournalReader(path)) == FRAMES
