"""What was said of why a run was not faster is kept, and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.analysis.why.explained import MOST_CHANGES, Explained
from app.session.live.session import LiveSession
from tests.analysis.journals import journalled, whole
from tests.session.frames import MS, PLAN, SECOND
from workloads.wire.frames import AnyFrame, Done, Effect, Event, Evidence, Missing, Operator, Profile, Verdict, Verdicts

Severity = Literal["info", "warning", "critical"]


def said(kind: str, at_ns: int, *, whole: bool = False, severity: Severity = "warning") -> Verdicts:
    """One verdict, with all that belongs to one."""
    verdict = Verdict(
        kind=kind,
        severity=severity,
        summary=f"{kind}: 60 %",
        evidence=(Evidence(name="data wait", value=60.0, unit="%", limit=10.0, source="steps"),),
        next="DataLoader(num_workers=8)",
        bound=2.5,
        from_ns=2 * SECOND,
        to_ns=at_ns,
    )
    missing = (Missing("low-occupancy", "no GPM"),)
    return Verdicts(run=1, at_ns=at_ns, verdicts=(verdict,) if kind else (), missing=missing, whole=whole)


EFFECT = Effect(run=1, at_ns=4 * SECOND + 1, experiment="tf32", setting="TF32 products", plain=3, changed=3, ratio=1.2)
PROFILE = Profile(
    run=1, at_ns=4 * SECOND + 2, steps=3, file="profile-1.json.gz", operators=(Operator(name="mm", calls=3),)
)
EVENTS = (
    Event(run=1, at_ns=2 * SECOND + MS, kind="checkpoint", wall_ns=5 * MS, text="model.pt"),
    Event(run=1, rank=1, at_ns=3 * SECOND, kind="mark", text="epoch 1"),
)


def explained() -> tuple[AnyFrame, ...]:
    """A session of which it was said why it is not faster; what limited all of a run is said behind its end."""
    frames = list(whole())
    place = next(place for place, frame in enumerate(frames) if isinstance(frame, Done))
    live = (said("drift", 3 * SECOND), said("input-bound", 4 * SECOND), EFFECT, PROFILE)
    return (
        *frames[:place],
        *EVENTS,
        *live,
        frames[place],
        said("input-bound", 5 * SECOND + 3, whole=True),
        *frames[place + 1 :],
    )


def test_the_manifest_has_what_was_said_last_of_all_and_how_it_changed(tmp_path: Path) -> None:
    manifest = finish(journalled(tmp_path, explained()))
    record = manifest.runs[0]
    assert record.verdicts == said("input-bound", 5 * SECOND + 3, whole=True)
    assert record.live_verdicts == said("input-bound", 4 * SECOND)
    assert [(change.at_ns, change.kind) for change in record.primaries] == [
        (3 * SECOND, "drift"),
        (4 * SECOND, "input-bound"),
    ]
    assert (record.effects, record.profiles) == ((EFFECT,), (PROFILE,))
    assert record.ended_ns == 5 * SECOND
    assert manifest.runs[1].verdicts is None


def test_events_are_a_table(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    rows = pl.read_parquet(folder.table("events")).rows()
    assert rows == [
        (1, 0, 2 * SECOND + MS, 5 * MS, "checkpoint", "model.pt"),
        (1, 1, 3 * SECOND, 0, "mark", "epoch 1"),
    ]


def test_a_screen_shows_of_a_saved_session_what_it_showed_of_the_journal(tmp_path: Path) -> None:
    folder = journalled(tmp_path, explained())
    finish(folder)
    views = []
    for frames in (explained(), replay(load(folder))):
        session = LiveSession(PLAN)
        for frame in frames:
            session.feed(frame)
        views.append(session.view(20 * SECOND))
    before, after = views
    assert after.runs[0].verdicts == before.runs[0].verdicts
    assert after.runs[0].effects == before.runs[0].effects
    assert after.marks == before.marks


def test_a_session_of_an_older_benchtop_has_no_events(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    folder.table("events").unlink()
    assert load(folder).tables["events"].collect().is_empty()
    assert list(replay(load(folder)))


def test_changes_are_kept_when_they_are_some_and_bounded() -> None:
    told = Explained()
    for look in range(3 * MOST_CHANGES):
        told.take(said("drift" if look // 2 % 2 else "", look))
    assert len(told.primaries) == MOST_CHANGES
    assert told.primaries[-1].at_ns == 3 * MOST_CHANGES - 2
