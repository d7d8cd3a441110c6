"""Why a run is not faster, worked out beside its journal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from app.cli import main
from app.conductor.explaining import MOST_BYTES, MOST_WAITING, Explaining
from app.conductor.record import Record
from app.conductor.session import Session
from app.session.planning.plan import Plan
from app.session.sources.control import ask
from app.session.store.folder import create_session
from app.session.store.journal import JournalReader
from app.verdicts.engine import Engine
from tests.conductor.harness import LIMIT_S, conducted, journal, plan_of, until
from tests.verdicts.frames import PLAN, phase, steps
from tests.verdicts.test_engine import waits
from tests.verdicts.windows import started
from workloads.wire.commands import AnyCommand, EndRun, SetKnob, Stop, TakeProfile, Try
from workloads.wire.frames import AnyFrame, Done, Log, Steps, Verdicts


def test_a_run_ends_with_what_limited_it_and_its_worker_hears_what_is_asked_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with conducted(tmp_path, plan_of("starves")) as (folder, process):
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        asked = (Try(experiment="resident-batch"), TakeProfile(steps=3), SetKnob(name="batch", value=8))
        assert [ask(folder, command).accepted for command in asked] == [True] * 3

        def heard() -> list[str]:
            return [frame.text for frame in journal(folder) if isinstance(frame, Log) and frame.origin == "stdout"]

        until(lambda: len(heard()) == len(asked))
        assert heard() == [repr(command) for command in asked]
        assert ask(folder, Stop()).accepted
        process.wait(LIMIT_S)
    (record,) = folder.read_manifest().runs
    assert record.outcome == "done"
    assert record.verdicts is not None
    assert record.verdicts.whole
    assert record.verdicts.verdicts[0].kind == "input-bound"
    assert main(["why", str(folder.path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["runs"]
    assert told["verdicts"] == json.loads(msgspec.json.encode(record.verdicts))
    assert not told["afterwards"]


@pytest.mark.parametrize("command", [Try(experiment="tf32"), TakeProfile(), SetKnob(name="batch", value=8), EndRun()])
def test_where_no_run_goes_on_nothing_can_be_asked_of_one(tmp_path: Path, command: AnyCommand) -> None:
    folder = create_session(tmp_path, PLAN)
    record = Record(folder)
    reply = Session(folder, PLAN, record).obey(command)
    record.close()
    assert (reply.accepted, reply.message) == (False, "no run is going on")


class Faulty(Engine):
    """Fails when it is fed."""

    def feed(self, frame: AnyFrame) -> None:
        raise LookupError("no such thing")


class Waiting(Engine):
    """Has one rule."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, (waits,))


class Unmade(Engine):
    """Cannot be made."""

    def __init__(self, plan: Plan) -> None:
        raise LookupError("no such thing")


def said_of(home: Path, engine: type[Engine], frames: Iterable[AnyFrame]) -> list[AnyFrame]:
    """What comes into the journal of a session with that engine."""
    folder = create_session(home, PLAN)
    record = Record(folder)
    explaining = Explaining(PLAN, record, engine)
    for frame in frames:
        explaining.hear((frame,))
    explaining.end(1)
    explaining.hear((phase("measure", 1, run=2),))
    explaining.end(2)
    record.close()
    return list(JournalReader(folder.journal))


def test_an_engine_that_fails_costs_its_verdicts_and_nothing_else(tmp_path: Path) -> None:
    frames = (started(), phase("measure", 0), steps(0, 100), Done(run=1, at_ns=2))
    for place, engine in enumerate((Faulty, Unmade)):
        (log,) = said_of(tmp_path / str(place), engine, frames)
        assert isinstance(log, Log)
        assert log.text == "no verdicts from here on: working them out failed (LookupError: no such thing)"


def test_what_one_run_measured_is_told_before_the_next_begins(tmp_path: Path) -> None:
    frames = (started(), phase("measure", 0), steps(0, 100, data_wait_ns=8_000_000), Done(run=1, at_ns=10**9))
    said = [frame for frame in said_of(tmp_path, Waiting, frames) if isinstance(frame, Verdicts)]
    assert [(frame.run, frame.whole) for frame in said] == [(1, True), (2, True)]
    assert said[0].verdicts[0].kind == "input-bound"


LARGE = -(-MOST_BYTES // (8 * 100_000 + 1))
"""Frames of a hundred thousand steps that are put aside."""


class Counting(Engine):
    """Only counts."""

    fed: list[AnyFrame]

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, ())
        self.fed = []

    def feed(self, frame: AnyFrame) -> None:
        self.fed.append(frame)


@pytest.mark.parametrize(("sample", "most"), [(steps(0, 1), MOST_WAITING), (steps(0, 100_000), LARGE)])
def test_what_an_engine_cannot_keep_up_with_does_not_pile_up(tmp_path: Path, sample: Steps, most: int) -> None:
    engines: list[Counting] = []

    def make(plan: Plan) -> Engine:
        engines.append(Counting(plan))
        return engines[0]

    folder = create_session(tmp_path, PLAN)
    record = Record(folder)
    explaining = Explaining(PLAN, record, make)
    explaining.hear([sample] * most)
    for _ in range(10):
        explaining.hear((sample, phase("cooldown", 1)))
    explaining.end(1)
    record.close()
    assert len(engines[0].fed) == most + 10
    (log,) = JournalReader(folder.journal)
    assert isinstance(log, Log)
    assert "a part of the samples" in log.text
