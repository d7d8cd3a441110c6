"""A session in pieces says what it would have said in one, wherever whatever was at it died."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll, roll_all
from app.analysis.load import Loaded, load
from app.analysis.replay import catch_up
from app.analysis.tables.parquet import scan_parts, scan_tables
from app.analysis.tables.schema import PHASE
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.journal import JournalReader
from app.session.store.manifest import Manifest
from app.session.store.part import read_part
from app.session.store.segments import (
    closed_path,
    closed_segments,
    facts_path,
    marker_path,
    part_path,
    rolled_segments,
)
from tests.analysis.journals import journalled, whole
from tests.analysis.segments import segmented
from tests.session.frames import SECOND, hello, measuring, started, steps
from workloads.wire.frames import AnyFrame, Done, Finding, Gauges, Log, Phase, Requests, Steps

CUTS = (4, 14, 17, 30)
"""In the readings before the first run, in its warm-up, among its measured steps, in the second run."""


def same(found: Loaded, expected: Loaded) -> None:
    """Every row of every table, and all that the manifest says."""
    for name in TABLES:
        assert_frame_equal(found.tables[name].collect(), expected.tables[name].collect())
    assert _told(found.manifest) == _told(expected.manifest)


def _told(manifest: Manifest) -> Manifest:
    return msgspec.structs.replace(manifest, parts={}, plan=msgspec.structs.replace(manifest.plan, created_ns=0))


@pytest.fixture
def expected(tmp_path: Path) -> Loaded:
    """The session in one piece."""
    folder = journalled(tmp_path / "one", whole())
    finish(folder)
    return load(folder)


@pytest.mark.parametrize("rolled", range(len(CUTS) + 1))
def test_any_number_of_segments_in_parts_gives_the_same_session(tmp_path: Path, expected: Loaded, rolled: int) -> None:
    folder = segmented(tmp_path / "pieces", whole(), CUTS)
    for number in range(1, rolled + 1):
        roll(folder, number)
    assert rolled_segments(folder) == tuple(range(1, rolled + 1))
    same(load(folder), expected)
    finish(folder)
    same(load(folder), expected)
    assert not closed_segments(folder)
    assert not folder.journal.exists()
    assert not tuple(folder.path.glob("rollups-*")), "sums of parts are for a session that goes on"


def test_a_part_holds_all_that_its_segment_said(tmp_path: Path) -> None:
    folder = segmented(tmp_path, whole(), CUTS)
    roll_all(folder)
    assert rolled_segments(folder) == (1, 2, 3, 4)
    parts = [read_part(folder, number) for number in (1, 2, 3, 4)]
    assert [part.frames for part in parts] == [4, 10, 3, 13]
    assert [part.rows.get("steps", 0) for part in parts] == [0, 0, 24, 4]
    assert not part_path(folder, "requests", 1).exists(), "what a segment has no rows for has no part"
    held = [frame for number in (1, 2, 3, 4) for frame in JournalReader(facts_path(folder, number))]
    assert held == [frame for frame in whole()[: CUTS[-1]] if not isinstance(frame, Steps | Requests | Gauges | Log)]


STRIDE = 7
"""With 1 each step is tried, which takes a quarter of a minute."""


class Killed(BaseException):
    """Ends what is going on, and all that it would still do."""


class Killing:
    """Ends a process in the place of its n-th step that a disk or another process could see, before it is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self._at = at
        self.steps = 0
        for place, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (os, "replace")):
            monkeypatch.setattr(place, name, self._counted(getattr(place, name)))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            self.steps += 1
            if self.steps >= self._at:
                raise Killed
            return real(*arguments, **named)

        return step


def _kills(act: Callable[[SessionFolder], object], make: Callable[[int], SessionFolder]) -> Iterator[SessionFolder]:
    """Sessions on which it was killed at its first step, at a later one …; the last one was left in peace."""
    for at in range(1, 1000, STRIDE):
        folder = make(at)
        with pytest.MonkeyPatch.context() as monkeypatch:
            killing = Killing(monkeypatch, at)
            with contextlib.suppress(Killed):
                act(folder)
        yield folder
        if killing.steps < at:
            return


@pytest.mark.parametrize("act", [roll_all, finish])
def test_killed_at_any_step_it_leaves_a_session_that_says_the_same(
    tmp_path: Path, expected: Loaded, act: Callable[[SessionFolder], object]
) -> None:
    count = 0
    for folder in _kills(act, lambda at: segmented(tmp_path / str(at), whole(), (17,))):
        count += 1
        same(load(folder), expected)
        finish(folder)
        same(load(folder), expected)
    assert count > 2


def test_a_part_whose_segment_was_not_removed_yet_is_not_counted_twice(tmp_path: Path, expected: Loaded) -> None:
    folder = segmented(tmp_path / "pieces", whole(), CUTS)
    segment = closed_path(folder, 3).read_bytes()
    roll_all(folder)
    closed_path(folder, 3).write_bytes(segment)
    same(load(folder), expected)
    roll_all(folder)
    assert not closed_path(folder, 3).exists()
    same(load(folder), expected)


def test_parts_without_what_makes_them_count_are_made_anew(tmp_path: Path, expected: Loaded) -> None:
    folder = segmented(tmp_path / "pieces", whole(), CUTS)
    segment = closed_path(folder, 4).read_bytes()
    roll_all(folder)
    closed_path(folder, 4).write_bytes(segment)
    marker_path(folder, 4).unlink()
    part_path(folder, "steps", 4).write_bytes(b"half")
    same(load(folder), expected)
    finish(folder)
    same(load(folder), expected)


def test_rows_in_parts_get_the_phase_that_became_known_later(tmp_path: Path) -> None:
    """A knob is turned: what was measured before led up to it, also where it is in a part already."""
    again = msgspec.structs.replace(started(run=1, at_ns=SECOND), parameters={"batch": 8})
    frames: tuple[AnyFrame, ...] = (
        *whole()[:26],
        again,
        msgspec.structs.replace(measuring(run=1, at_ns=5 * SECOND), mark="batch = 8"),
        steps(5 * SECOND, 10, run=1),
        Done(run=1, at_ns=7 * SECOND),
        Done(at_ns=8 * SECOND),
    )
    whole_one = journalled(tmp_path / "one", frames)
    finish(whole_one)
    folder = segmented(tmp_path / "pieces", frames, (17, 26))
    roll_all(folder)
    before = scan_parts(folder, (1, 2))["steps"].collect()["phase"].value_counts()
    assert dict(before.iter_rows()) == {"warmup": 9, "measure": 19}
    same(load(folder), load(whole_one))
    finish(folder)
    same(load(folder), load(whole_one))
    assert "measure" not in scan_tables(folder)["steps"].filter(start_ns=2 * SECOND).collect()["phase"].to_list()


def test_a_phase_that_is_told_after_its_samples_were_rolled_still_counts(tmp_path: Path) -> None:
    frames = [*whole()]
    late = next(place for place, frame in enumerate(frames) if isinstance(frame, Phase) and frame.phase == "measure")
    frames.insert(late + 3, frames.pop(late))
    whole_one = journalled(tmp_path / "one", frames)
    finish(whole_one)
    folder = segmented(tmp_path / "pieces", frames, (late + 1,))
    roll_all(folder)
    finish(folder)
    same(load(folder), load(whole_one))


def test_damage_in_a_segment_is_named_by_its_number(tmp_path: Path) -> None:
    folder = segmented(tmp_path, whole(), CUTS)
    data = bytearray(closed_path(folder, 2).read_bytes())
    data[30] ^= 0xFF
    closed_path(folder, 2).write_bytes(data[:-5])
    roll_all(folder)
    recovery = finish(folder).recovery
    assert recovery is not None
    first, cut = recovery.damages
    assert (first.segment, first.offset, cut.segment) == (2, 0, 2)
    assert recovery.places == 2
    assert recovery.frames == len(whole()) - 2
    assert "of journal-00002.frames" in recovery.reason


def test_a_part_that_is_lost_is_said(tmp_path: Path) -> None:
    folder = segmented(tmp_path, whole(), CUTS)
    assert finish(folder).parts == {"gauges": 2, "logs": 1, "requests": 1, "steps": 2}
    part_path(folder, "steps", 3).unlink()
    loaded = load(folder)
    assert [each.line for each in loaded.damaged] == [
        "steps-NNNNN.parquet is not all there (1 of 2 files are gone): what rests on it is left out"
    ]
    assert loaded.tables["steps"].collect().is_empty()
    assert len(loaded.tables["requests"].collect())


def test_a_manifest_does_not_grow_with_what_is_said_again_and_again(tmp_path: Path) -> None:
    frames = list(whole())
    gap = next(frame for frame in frames if isinstance(frame, Finding))
    epochs = [msgspec.structs.replace(measuring(run=1, at_ns=2 * SECOND + n), mark=f"epoch {n}") for n in range(30_000)]
    folder = journalled(tmp_path, [*frames[:15], *epochs, *[gap] * 3000, *frames[15:]])
    manifest = finish(folder)
    assert [phase.phase for phase in manifest.runs[0].phases] == ["warmup", "measure", "evaluate"]
    assert manifest.runs[0].headline.measured_s == 2.0
    assert len(manifest.findings) == 2001
    assert manifest.findings[-1].message.startswith("1,001 findings")
    assert folder.manifest.stat().st_size < 1_000_000


def test_a_segment_that_is_gone_is_named(tmp_path: Path) -> None:
    folder = segmented(tmp_path, whole(), CUTS)
    roll_all(folder)
    marker_path(folder, 2).unlink()
    recovery = finish(folder).recovery
    assert recovery is not None
    assert [(damage.segment, damage.reason) for damage in recovery.damages] == [(2, "it is not there")]


def test_parts_of_an_older_benchtop_are_finished_by_a_newer_one(tmp_path: Path, expected: Loaded) -> None:
    folder = segmented(tmp_path / "pieces", whole(), (17,))
    roll_all(folder)
    older = pl.Enum([word for word in PHASE.categories if word != "profile"])
    for number in rolled_segments(folder):
        path = part_path(folder, "steps", number)
        if path.is_file():
            pl.read_parquet(path).cast({"phase": older}).write_parquet(path)
    same(load(folder), expected)
    finish(folder)
    same(load(folder), expected)


def test_what_a_device_gave_in_a_later_part_is_not_said_to_be_absent(tmp_path: Path) -> None:
    began, lacking = hello(), Gauges(at_ns=SECOND, device="gpu0", source="nvml", absent={"power_w": "not yet"})
    given = Gauges(at_ns=2 * SECOND, device="gpu0", source="nvml", readings={"power_w": 7.0})
    folder = segmented(tmp_path, (began, lacking, given, Done(at_ns=3 * SECOND)), (2, 3))
    roll_all(folder)
    told = [frame for frame in catch_up.frames(folder, 1, 2) if isinstance(frame, Gauges)]
    assert [(frame.readings, frame.absent) for frame in told] == [({}, {}), ({"power_w": 7.0}, {})]
