"""Before the disk, or what a session may take, comes to an end: a warning in time, and an end that is saved."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.conductor.record import Record, RecordClosed
from app.conductor.room import WARN_BYTES, Left, Shortage, needed_bytes, segment_bytes_of
from app.conductor.session import Session
from app.session.planning import RunRequest, make_plan
from app.session.planning.plan import SMALLEST_MAX_BYTES
from app.session.store.folder import create_session
from app.session.store.segments import SEGMENT_BYTES
from tests.conductor.harness import LIMIT_S, finished, plan_of
from tests.session.frames import PLAN, SECOND, steps
from workloads.wire.frames import Finding

GIB = 1 << 30
MIB = 1 << 20


def said(*lefts: tuple[int, int], of_limit: bool = False) -> list[str]:
    """What is said of so many seconds and bytes."""
    shortage = Shortage(100 * MIB)
    findings = [shortage.note(seconds * SECOND, Left(size, of_limit)) for seconds, size in lefts]
    return [finding.message for finding in findings if finding is not None]


def test_much_room_and_little_writing_is_nothing_to_speak_of() -> None:
    assert said((0, 50 * GIB), (5, 50 * GIB - MIB), (10, 50 * GIB - 2 * MIB)) == []
    assert said((0, 50 * GIB), (10, 51 * GIB)) == []


def test_it_is_said_ten_minutes_before_and_once_more_one_minute_before() -> None:
    gibs = [(second, (500 - second) * GIB) for second in range(0, 500, 5)]
    first, last = said(*gibs)
    assert first.startswith("495 GiB are free")
    assert "about 8 min" in first
    assert "about 59 s" in last or "about 55 s" in last


def test_the_last_gibibyte_is_said_whatever_the_rate() -> None:
    (only,) = said((0, WARN_BYTES - 1), (5, WARN_BYTES - 2), (10, WARN_BYTES - 3))
    assert "are free on the disk" in only


def test_a_limit_is_said_by_its_name_and_a_gibibyte_is_no_measure_of_it() -> None:
    assert said((0, 50 * MIB), (5, 50 * MIB), of_limit=True) == []
    (only,) = said((0, 50 * MIB), (5, 45 * MIB), of_limit=True)
    assert "left of --max-size 100 MiB, enough for about 45 s" in only


def test_room_for_the_tables_of_the_largest_piece_is_kept() -> None:
    assert needed_bytes(10 * MIB, SEGMENT_BYTES, 0) == 5 * MIB
    assert needed_bytes(10 * MIB, SEGMENT_BYTES, 3) == SEGMENT_BYTES // 2
    assert segment_bytes_of(None) == SEGMENT_BYTES
    assert segment_bytes_of(80 * MIB) == 10 * MIB
    assert segment_bytes_of(1 << 40) == SEGMENT_BYTES


def test_a_full_disk_ends_the_record_while_there_is_room_to_save_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = create_session(tmp_path, PLAN)
    record = Record(folder)
    real = os.statvfs(tmp_path)

    class Disk:
        f_frsize = real.f_frsize
        f_bavail = 2 * MIB // real.f_frsize

    record.put(steps(0, 10))
    monkeypatch.setattr(os, "statvfs", lambda _: Disk)
    full = steps(0, 10_000)
    with pytest.raises(RecordClosed, match="the disk is full but for what saving the session takes"):  # noqa: PT012
        while True:
            record.put(full)
    record.close()
    assert folder.journal.stat().st_size > 3 * MIB


def test_a_session_that_reaches_its_limit_ends_saved_within_it_and_says_so(tmp_path: Path) -> None:
    limit = SMALLEST_MAX_BYTES
    folder = finished(tmp_path, replace(plan_of("gushes"), max_bytes=limit))
    manifest = folder.read_manifest()
    assert manifest.failure is not None
    assert "has reached its --max-size of 8.00 MiB" in manifest.failure.message
    assert manifest.runs[0].headline.samples > 10_000
    assert folder.size_bytes() <= limit
    assert [type(finding) for finding in manifest.findings if finding.kind == "disk-short"] in ([], [Finding])


def test_a_run_that_is_silent_is_stopped_too_where_the_disk_is_full_from_one_look_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of("waits")
    folder = create_session(tmp_path, plan)
    record = Record(folder)
    real = os.statvfs(tmp_path)

    class Full:
        f_frsize, f_bavail = 1, 0

    monkeypatch.setattr("app.conductor.session.LOOK_S", 0.01)
    monkeypatch.setattr("app.conductor.post.END_GRACE_S", 0.0)
    monkeypatch.setattr(os, "statvfs", lambda _: Full if b"run-started" in folder.journal.read_bytes() else real)
    assert asyncio.run(asyncio.wait_for(Session(folder, plan, record).run(), LIMIT_S)) == "failed"
    assert record.failure is not None
    assert record.failure.kind == "disk-full"


@pytest.mark.parametrize(("typed", "words"), [("1MB", "at least 8.00 MiB"), ("much", "is no size")])
def test_a_limit_that_cannot_be_is_said(typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_plan(RunRequest(workloads=("train/digits",), max_size=typed), 0)
    assert make_plan(RunRequest(workloads=("train/digits",), max_size="1GiB"), 0).max_bytes == GIB
