"""An optional run is skipped where its workload does not fit the machine; whatever comes later is a failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.workloads.process import Talk, start
from workloads.catalog import WorkloadEntry, find_workload
from workloads.nocuda import NoCuda
from workloads.recorder import Recorder
from workloads.run import Run, Work
from workloads.wire.commands import Start
from workloads.wire.frames import Failure, Outcome
from workloads.wire.framing import FrameReader
from workloads.worker import Worker


class Ordered:
    """Orders that are there already."""

    stopping = False

    def __init__(self, order: Start) -> None:
        self._order = order

    def start(self) -> Start:
        return self._order


def refusing(error: Exception, *, late: bool = False, optional: bool = True) -> tuple[Worker, Outcome, Talk]:
    """A worker of a workload that raises, before or after it has introduced itself."""

    def run(run: Run) -> None:
        if late:
            run.started(Work("float32", None, None))
        raise error

    def find(name: str) -> WorkloadEntry:
        return replace(find_workload(name), module=__name__)

    globals()["run"] = run
    sent = bytearray()
    recorder = Recorder(sent.extend)
    worker = Worker(Ordered(replace(start("probe/copy", Path()), optional=optional)), recorder, find)  # type: ignore[arg-type]
    outcome = worker.work()
    recorder.start()
    recorder.close()
    return worker, outcome, Talk(list(FrameReader().feed(sent)))


@pytest.mark.parametrize("error", [ValueError("it needs more"), NoCuda("it needs more")])
def test_what_does_not_fit_is_skipped_with_one_line(error: Exception) -> None:
    worker, outcome, talk = refusing(error)
    assert outcome == "skipped"
    assert worker.skipped_because.endswith("it needs more")
    assert talk.logged("worker")[-1] == f"skipped: {worker.skipped_because}"
    assert not talk.of(Failure)


@pytest.mark.parametrize(
    ("error", "late", "optional"),
    [(ValueError("x"), True, True), (RuntimeError("x"), False, True), (ValueError("x"), False, False)],
    ids=["once it has begun", "any other error", "a run that was asked for"],
)
def test_everything_else_has_failed(error: Exception, *, late: bool, optional: bool) -> None:
    worker, outcome, talk = refusing(error, late=late, optional=optional)
    assert (outcome, worker.skipped_because) == ("failed", "")
    assert len(talk.of(Failure)) == 1
