"""Traces for Perfetto: valid, nested as they must be, and on the session's axis of time."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.export import perfetto
from app.analysis.export.asked import Asked
from app.analysis.export.command import export_session
from app.analysis.export.newest import newest
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.session.store.folder import TABLES, SessionFolder
from tests.analysis.export.traces import Event, check_nesting, events_of, ns
from tests.analysis.journals import journalled, whole
from tests.hostile import write_hostile
from tests.session.frames import MS, SECOND, hello
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Done, Phase, Requests, RunStarted, Steps
from workloads.wire.frames import Event as EventFrame

STEP_NS = 1_234_567
PARTS = {"data_wait_ns": 100_001, "forward_ns": 400_003, "backward_ns": 500_000, "optimizer_ns": 300_000}


def frames() -> tuple[AnyFrame, ...]:
    """Three steps that follow each other to the nanosecond, of parts that are too long; one request of three tokens."""
    begin = [SECOND + place * STEP_NS for place in range(3)]
    started: RunStarted = next(frame for frame in whole() if isinstance(frame, RunStarted))
    due = 2 * SECOND
    return (
        hello(),
        replace(started, run=1, at_ns=SECOND),
        Phase(run=1, at_ns=SECOND, phase="measure", mark="here </script>"),
        replace(
            Steps(
                run=1,
                rank=1,
                start_ns=pack_integers(begin),
                wall_ns=pack_integers([STEP_NS] * 3),
                samples=pack_integers([4] * 3),
            ),
            **{name: pack_integers([length] * 3) for name, length in PARTS.items()},
        ),
        Requests(
            run=1,
            scheduled_ns=pack_integers([due]),
            sent_ns=pack_integers([due + MS]),
            started_ns=pack_integers([due + 3 * MS]),
            first_ns=pack_integers([due + 5 * MS]),
            done_ns=pack_integers([due + 9 * MS]),
            samples=pack_integers([1]),
            outcome=pack_integers([0]),
            tokens=pack_integers([3]),
            itl_ns=pack_integers([MS, 2 * MS]),
        ),
        EventFrame(run=1, at_ns=2 * SECOND, kind="checkpoint", wall_ns=MS, text="a file"),
        EventFrame(run=1, at_ns=2 * SECOND, kind="mark", text="now"),
        *(frame for frame in whole() if type(frame).__name__ == "Gauges"),
        Done(run=1, at_ns=3 * SECOND),
        Done(at_ns=3 * SECOND),
    )


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    made = journalled(tmp_path / "home", frames())
    finish(made)
    return made


def trace(folder: SessionFolder, output: str = "trace.json.gz", **options: str) -> tuple[list[Event], list[str]]:
    said: list[str] = []
    export_session(folder, Asked("perfetto", output, **options), said.append)  # type: ignore[arg-type]
    return events_of(Path(output)), said


def one(events: list[Event], **wanted: object) -> Event:
    (found,) = (event for event in events if all(event.get(name) == value for name, value in wanted.items()))
    return found


def test_steps_follow_each_other_to_the_nanosecond_with_their_parts_inside(folder: SessionFolder) -> None:
    events, _ = trace(folder)
    check_nesting(events)
    steps = [event for event in events if event.get("cat") == "step"]
    assert [(ns(step["ts"]), ns(step["dur"])) for step in steps] == [
        (SECOND + place * STEP_NS, STEP_NS) for place in range(3)
    ]
    assert {(step["pid"], step["tid"], step["name"]) for step in steps} == {(2, 2, "step")}
    parts = [event for event in events if event.get("cat") == "part"][:4]
    assert [part["name"] for part in parts] == ["data wait", "forward", "backward", "optimizer"]
    assert [ns(part["dur"]) for part in parts] == [100_001, 400_003, 500_000, STEP_NS - 1_000_004]


def test_a_request_has_its_waits_its_service_and_its_tokens_inside(folder: SessionFolder) -> None:
    events = [event for event in trace(folder)[0] if event.get("cat") == "request"]
    edges = [(event["ph"], event["name"], ns(event["ts"]) - 2 * SECOND) for event in events]
    assert edges == [
        ("b", "request", 0),
        ("b", "not sent yet", 0),
        ("e", "not sent yet", MS),
        ("b", "queue", MS),
        ("e", "queue", 3 * MS),
        ("b", "service", 3 * MS),
        ("e", "service", 9 * MS),
        ("e", "request", 9 * MS),
        ("n", "token", 5 * MS),
        ("n", "token", 6 * MS),
        ("n", "token", 8 * MS),
    ]
    assert len({event["id"] for event in events}) == 1


def test_gauges_phases_marks_and_events_are_on_the_same_axis(folder: SessionFolder) -> None:
    events, _ = trace(folder, "trace.json")
    power = [event for event in events if event["name"] == "power_w (nvml)"]
    assert [(ns(event["ts"]) // SECOND, event["args"]["value"]) for event in power] == [
        (second, 10.0 * second) for second in range(1, 10)
    ]
    assert one(events, ph="M", name="process_name", pid=power[0]["pid"])["args"]["name"] == "gpu0"
    assert ns(one(events, cat="phase", name="measure")["ts"]) == SECOND
    assert one(events, cat="mark")["name"] == "here </script>"
    assert ns(one(events, ph="e", cat="event", name="checkpoint")["ts"]) == 2 * SECOND + MS
    assert one(events, ph="i", cat="event", name="mark")["args"]["text"] == "now"
    assert one(events, ph="M", name="process_name", pid=2)["args"]["name"] == "run 1: train/digits"


def test_a_stretch_alone(folder: SessionFolder) -> None:
    events, _ = trace(folder, begin="2", until="4")
    assert {ns(event["ts"]) // SECOND for event in events if event["ph"] == "C"} == {2, 3}
    assert not [event for event in events if event.get("cat") in ("step", "phase", "mark")]


def test_of_a_large_session_the_newest_events_are_there_and_that_is_said(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perfetto, "MOST_EVENTS", 20)
    events, said = trace(folder)
    assert 10 < len([event for event in events if event["ph"] != "M"]) <= 20
    assert "events it has the last " in said[1]
    assert min(ns(event["ts"]) for event in events if event["ph"] == "C") > 2 * SECOND


def test_nothing_is_cut_off_where_all_fits_and_something_is_left_where_nothing_does(folder: SessionFolder) -> None:
    tables = dict(load(folder).tables)
    assert newest(tables, 10_000).begin_ns is None
    bound = newest(tables, 1)
    assert bound.begin_ns is not None
    assert bound.kept >= 1
    nothing = {name: pl.LazyFrame(schema=table.collect_schema()) for name, table in tables.items()}
    assert newest(nothing, 1).events == 0


def test_rows_without_instants_and_names_leave_the_trace_whole(folder: SessionFolder) -> None:
    for name in TABLES:
        table = pl.read_parquet(folder.table(name))
        blank = table.with_columns(pl.lit(None, dtype=kind).alias(each) for each, kind in table.schema.items())
        pl.concat([blank, table, blank]).write_parquet(folder.table(name))
    events, _ = trace(folder)
    check_nesting(events)
    assert len([event for event in events if event.get("cat") == "step"]) == 3


@pytest.mark.parametrize("driving", [False, True])
def test_a_hostile_session_makes_a_valid_trace(tmp_path: Path, driving: bool) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"), driving=driving)
    events, _ = trace(folder)
    assert [event for event in events if event.get("cat") == "log" and "FORGED" in event["name"]]
    assert len([event for event in events if event.get("cat") == "step"]) == 40
