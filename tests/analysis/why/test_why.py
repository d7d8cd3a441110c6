"""`benchtop why`: what is said of a session, in words and as a document."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.show import show
from app.analysis.why.document import RunWhy, seconds_of, why, why_of
from app.analysis.why.text import why_text
from app.session.store.lock import hold_lock
from tests.analysis.journals import journalled, whole
from tests.analysis.why.test_explained import EFFECT, explained, said
from tests.session.frames import SECOND, measuring, started
from tests.verdicts.frames import MS, S, phase, steps
from workloads.wire.frames import AnyFrame, Done, Hello


def starved() -> tuple[AnyFrame, ...]:
    """A session of an older benchtop, which had no verdicts: 30 s of steps of which most is data wait."""
    hello = next(frame for frame in whole() if isinstance(frame, Hello))
    return (
        hello,
        started(run=1, at_ns=S),
        phase("measure", 1),
        *(steps(1 + second, 100, data_wait_ns=8 * MS) for second in range(30)),
        phase("cooldown", 31),
        Done(run=1, at_ns=37 * S),
        Done(at_ns=37 * S),
    )


def test_the_text_names_what_limits_a_run_its_evidence_and_what_to_try(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    text = why(folder, as_json=False, width=100)
    for words in (
        "limited by      (warning) input-bound: 60 %",
        "data wait 60.0 % (threshold 10.0 %; steps)",
        "next            DataLoader(num_workers=8)",
        "incomplete      low-occupancy: no GPM",
        "in its course   00:01 drift, 00:02 input-bound",
        "tf32 (TF32 products): 1.20× as fast, 3 plain and 3 changed blocks",
        "profile-1.json.gz, 3 steps",
    ):
        assert words in text
    assert all(len(line) <= 60 for line in why(folder, as_json=False, width=60).splitlines())


def test_the_document_is_typed(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    document = msgspec.json.decode(why(folder, as_json=True, width=0))
    run = msgspec.convert(document["runs"][0], RunWhy)
    assert run.verdicts == said("input-bound", 5 * SECOND + 3, whole=True)
    assert run.effects == (EFFECT,)
    assert not run.afterwards


def test_a_session_without_verdicts_gets_them_from_what_it_kept(tmp_path: Path) -> None:
    folder = journalled(tmp_path, starved())
    finish(folder)
    run = why_of(load(folder)).runs[0]
    assert run.afterwards
    assert run.verdicts is not None
    assert (run.verdicts.whole, run.verdicts.verdicts[0].kind) == (True, "input-bound")
    assert [change.kind for change in run.primaries] == ["input-bound"]
    assert "worked out now" in why(folder, as_json=False, width=200)


def test_one_that_goes_on_says_what_was_said_last(tmp_path: Path) -> None:
    frames = (*whole()[:1], started(run=1, at_ns=SECOND), measuring(run=1, at_ns=SECOND), said("drift", 4 * SECOND))
    folder = journalled(tmp_path, frames)
    with hold_lock(folder):
        found = why_of(load(folder))
    assert found.running
    assert found.runs[0].state == "running"
    assert found.runs[0].verdicts == said("drift", 4 * SECOND)
    assert "still running" in why_text(found, 80)


def test_of_damaged_tables_nothing_is_worked_out_and_what_was_said_stays(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    before = why_of(load(folder))
    folder.table("steps").unlink()
    after = why_of(load(folder))
    assert after.runs[0].verdicts == before.runs[0].verdicts
    assert after.runs[1].verdicts is None
    assert not after.runs[1].afterwards
    caution = why(folder, as_json=False, width=120).splitlines()[1]
    assert caution == "  caution         steps.parquet is not there: what rests on it is left out"


def test_show_says_in_a_line_what_limits_a_run(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    assert "limited by      input-bound: 60 %; try: DataLoader(num_workers=8)" in show(folder, as_json=False, width=120)


def test_at_a_time_of_measuring_it_is_told_how_things_stood(tmp_path: Path) -> None:
    folder = journalled(tmp_path, starved())
    finish(folder)
    early, late = (msgspec.json.decode(why(folder, as_json=True, width=80, at=at)) for at in ("1", "0:20"))
    assert early["runs"][0]["verdicts"] is None
    told = late["runs"][0]["verdicts"]
    assert told["verdicts"][0]["kind"] == "input-bound"
    assert 15 * S <= told["verdicts"][0]["to_ns"] <= 21 * S


def test_beyond_its_end_it_is_told_when_that_was(tmp_path: Path) -> None:
    folder = journalled(tmp_path, starved())
    finish(folder)
    told = why(folder, as_json=False, width=100, at="1:00:00")
    assert "ended at 00:30 of measuring; give an earlier --at, or none for all of it" in told
    run = msgspec.json.decode(why(folder, as_json=True, width=80, at="33"))["runs"][0]
    assert (run["verdicts"], run["state"], run["measured_until_s"]) == (None, "done", 30)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1:30", 90), ("1:00:01.5", 3601.5)])
def test_times_are_read_as_clocks_show_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4", "-1", "inf", "1:x"])
def test_what_is_no_time_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="give a time of measuring"):
        seconds_of(text)
