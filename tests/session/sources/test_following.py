"""Following a journal that is closed, rolled and removed behind one's back: every frame once, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll_all
from app.conductor.record import Record
from app.session.sources.following import Following
from app.session.sources.watch import Watch
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import hold_lock
from app.session.store.segments import closed_path, closed_segments, rolled_segments
from tests.conductor.harness import until
from tests.session.frames import PLAN, SECOND, hello, measuring, started, steps
from workloads.wire.frames import AnyFrame, Done, Log, Steps

FRAMES: tuple[AnyFrame, ...] = (
    hello(),
    started(),
    measuring(),
    *(steps(n * SECOND, 10) if n % 3 else Log(run=1, at_ns=n * SECOND, text=f"line {n}") for n in range(1, 60)),
    Done(run=1, at_ns=61 * SECOND),
    Done(at_ns=62 * SECOND),
)
SEGMENT_BYTES = 900


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session that is about to begin."""
    return create_session(tmp_path, PLAN)


def read(following: Following) -> list[AnyFrame]:
    """What is new."""
    return [frame for frames in following.slices() for frame in frames]


def read_parts(following: Following) -> list[AnyFrame]:
    """What is new, waiting for what comes from a process."""
    found: list[AnyFrame] = []

    def came() -> bool:
        found.extend(read(following))
        return not following.waits_for_parts

    until(came)
    return found


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, len(FRAMES))))
def test_it_goes_on_from_segment_to_segment_whenever_it_looks(
    tmp_path_factory: pytest.TempPathFactory, looks: set[int]
) -> None:
    folder = create_session(tmp_path_factory.mktemp("looked"), PLAN)
    record = Record(folder, segment_bytes=SEGMENT_BYTES)
    following, found = Following(folder), []
    for place, frame in enumerate(FRAMES):
        if place in looks:
            found += read(following)
            assert found == list(FRAMES[:place])
            assert following.at_end
        record.put(frame)
    record.close()
    found += read(following)
    following.close()
    assert tuple(found) == FRAMES
    assert record.closed > 3


def test_what_it_holds_open_is_read_to_its_end_though_it_is_in_parts_and_removed(folder: SessionFolder) -> None:
    record = Record(folder, segment_bytes=SEGMENT_BYTES)
    record.put(FRAMES[0])
    following = Following(folder)
    found, place = read(following), 1
    for frame in FRAMES[1:]:
        record.put(frame)
        place += 1
        if record.closed > len(rolled_segments(folder)):
            roll_all(folder)
            found += read(following)
            assert found == list(FRAMES[:place])
    record.close()
    assert not closed_segments(folder)
    assert tuple(found + read(following)) == FRAMES
    following.close()


def test_one_that_fell_behind_is_caught_up_with_from_parts(folder: SessionFolder) -> None:
    record = Record(folder, segment_bytes=SEGMENT_BYTES)
    for frame in FRAMES[:5]:
        record.put(frame)
    following = Following(folder)
    found = read(following)
    for frame in FRAMES[5:40]:
        record.put(frame)
    roll_all(folder)
    assert len(rolled_segments(folder)) > 2
    found += read_parts(following)
    for frame in FRAMES[40:]:
        record.put(frame)
    record.close()
    found += read_parts(following)
    following.close()
    assert told(found) == told(FRAMES)
    assert [frame for frame in found if not isinstance(frame, Steps)] == [
        frame for frame in FRAMES if not isinstance(frame, Steps)
    ]


def told(frames: Sequence[AnyFrame]) -> bytes:
    """All steps, however they are cut into frames."""
    return b"".join(frame.samples[1:] for frame in frames if isinstance(frame, Steps))


@pytest.mark.parametrize("finishes", [False, True])
def test_a_viewer_that_comes_late_sees_what_one_saw_that_was_there_all_the_time(
    folder: SessionFolder, *, finishes: bool
) -> None:
    """It has begun to read, and what comes next is in parts or tables."""
    early = Watch.follow(folder, lambda: 0)
    record = Record(folder, segment_bytes=SEGMENT_BYTES)
    with hold_lock(folder):
        for frame in FRAMES[:5]:
            record.put(frame)
        late = Watch.follow(folder, lambda: 0)
        late.look(0)
        for frame in FRAMES[5:]:
            record.put(frame)
            early.look(0)
        record.close()
        finish(folder) if finishes else roll_all(folder)
    until(lambda: late.look(0).catching_up is None)
    view, expected = late.look(0), early.look(0)
    assert view.current is not None
    assert expected.current is not None
    assert view.state == expected.state == "done"
    assert view.current.steps == expected.current.steps == 400
    assert view.log == expected.log
    assert not view.notices
    late.close()
    early.close()


def test_damage_in_a_closed_segment_is_said_and_the_rest_is_followed(folder: SessionFolder) -> None:
    record = Record(folder, segment_bytes=SEGMENT_BYTES)
    for frame in FRAMES:
        record.put(frame)
    record.close()
    data = bytearray(closed_path(folder, 2).read_bytes())
    data[20] ^= 1
    closed_path(folder, 2).write_bytes(data)
    following = Following(folder)
    assert len(read(following)) == len(FRAMES) - 1
    assert "damaged at byte 0" in following.left_out
    assert not following.damage
    following.close()
