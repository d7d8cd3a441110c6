"""A conductor whose journal grows large: it is closed in segments, which become parts while the session goes on."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.conductor.record import Record, RecordClosed
from app.conductor.rolling import Rolling
from app.conductor.session import Session
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalReader, JournalWriter
from app.session.store.segments import closed_path, closed_segments, rolled_segments
from app.session.store.written import open_written
from tests.conductor.harness import LIMIT_S, plan_of
from tests.session.frames import PLAN, SECOND, hello, measuring, started, steps
from workloads.wire.frames import AnyFrame, Log

FRAMES: tuple[AnyFrame, ...] = (hello(), started(), measuring(), *(steps(n * SECOND, 10) for n in range(60)))


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session that is about to begin."""
    return create_session(tmp_path, PLAN)


def held(folder: SessionFolder) -> list[AnyFrame]:
    """All frames that lie in segments and journal, in their order."""
    with open_written(folder) as written:
        return [frame for segment in written.segments for frame in JournalReader(segment.source)]


def test_a_long_run_is_in_parts_before_it_has_ended(tmp_path: Path) -> None:
    plan = plan_of("pours")
    folder = create_session(tmp_path, plan)
    record = Record(folder, segment_bytes=20_000)
    assert asyncio.run(Session(folder, plan, record).run()) == "done"
    assert 1 in rolled_segments(folder)
    assert record.closed > 1
    before = load(folder)
    manifest = finish(folder)
    assert manifest.outcome == "done"
    assert manifest.recovery is None
    assert manifest.runs[0].headline.samples == 201 * 20 * 64
    assert load(folder).tables["steps"].collect().equals(before.tables["steps"].collect())
    assert not closed_segments(folder)


def test_frames_lie_in_segments_in_their_order(folder: SessionFolder) -> None:
    record = Record(folder, segment_bytes=1000)
    for frame in FRAMES:
        record.put(frame)
        assert held(folder)[-1] == frame
    record.sync()
    record.close()
    assert tuple(held(folder)) == FRAMES
    assert record.closed == len(closed_segments(folder)) > 3
    assert all(closed_path(folder, number).stat().st_mode & 0o777 == 0o600 for number in closed_segments(folder))


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_segment_that_cannot_be_closed_costs_nothing_and_is_closed_later(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    record = Record(folder, segment_bytes=1000)
    real, calls = Path.rename, []

    def rename(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == fails_at:
            raise OSError(errno.ENOSPC, "no space")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    for frame in FRAMES:
        record.put(frame)
    record.close()
    assert tuple(held(folder)) == FRAMES
    assert record.closed == len(closed_segments(folder)) > 2
    assert closed_path(folder, 1).stat().st_size > 1100, "it went on for a while before it tried again"


@pytest.mark.parametrize("dies_at", [1, 2])
def test_a_conductor_that_dies_while_it_closes_a_segment_loses_nothing(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    record = Record(folder, segment_bytes=1000)
    real, calls = Path.rename, []

    def rename(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) >= dies_at:
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    put: list[AnyFrame] = []
    with contextlib.suppress(KeyboardInterrupt):
        for frame in FRAMES:
            put.append(frame)
            record.put(frame)
    monkeypatch.undo()
    assert len(put) < len(FRAMES)
    assert folder.journal.exists() is (dies_at == 1)
    assert held(folder) == put
    assert load(folder).manifest.frames == len(put)
    assert finish(folder).frames == len(put)
    assert not list(folder.path.glob("*.part"))


def test_everything_old_is_on_the_disk_before_what_is_new(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, sync = os.fsync, JournalWriter.sync

    def noted_fsync(file: int) -> None:
        done.append(Path(f"/proc/self/fd/{file}").resolve().name)
        fsync(file)

    def noted_sync(journal: JournalWriter) -> None:
        done.append(Path(f"/proc/self/fd/{journal._file}").resolve().name)
        sync(journal)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(JournalWriter, "sync", noted_sync)
    record = Record(folder, segment_bytes=1000)
    record.put(FRAMES[0])
    record.sync()
    assert done == [folder.name, folder.path.parent.name, "journal.frames"]
    done.clear()
    record.sync()
    assert not done, "nothing is new"
    for frame in FRAMES[1:7]:
        record.put(frame)
    record.sync()
    assert done == ["journal-00001.frames", folder.name, "journal.frames"]
    record.close()


def test_a_disk_that_loses_what_it_was_given_ends_the_session(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(folder)
    record.put(FRAMES[0])

    def broken(_journal: JournalWriter) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(JournalWriter, "sync", broken)
        record.sync()
    with pytest.raises(RecordClosed, match="Input/output error"):
        record.put(FRAMES[1])
    record.close()
    assert held(folder)[-1] == record.failure


def test_what_rolls_may_fail_and_that_is_said_once(folder: SessionFolder) -> None:
    record = Record(folder, segment_bytes=1000)
    tried = folder.path / "tried"
    script = f"import sys; open({str(tried)!r}, 'a').write('x'); sys.exit('no room for tables')"

    async def rolls() -> None:
        rolling = asyncio.ensure_future(Rolling(folder, record, (sys.executable, "-c", script)).run())
        rest = iter(FRAMES)
        for tries in (1, 2):
            while record.closed < tries:
                record.put(next(rest))
            while not tried.is_file() or tried.stat().st_size < tries:
                await asyncio.sleep(0.005)
        for frame in rest:
            record.put(frame)
        rolling.cancel()
        await asyncio.gather(rolling, return_exceptions=True)

    asyncio.run(asyncio.wait_for(rolls(), LIMIT_S))
    record.close()
    said = [frame.text for frame in held(folder) if isinstance(frame, Log)]
    assert said == ["a closed segment stays as it is until the end of the session: no room for tables"]
    assert finish(folder).frames == len(FRAMES) + 1
