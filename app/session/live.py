"""Frames in, the view of one instant out: everything that a screen shows is put together here.

Memory does not grow with the length of a session. Nothing is read, waited for or drawn here.
"""

from __future__ import annotations

import re
from collections import deque

from app.session.buckets import BUCKET_NS, Ring
from app.session.devices import Device
from app.session.plan import Plan
from app.session.runs import LiveRun
from app.session.samples import Cell
from app.session.view import LogLine, RunView, Series, SessionState, View
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    Done,
    Failure,
    Finding,
    Gauges,
    Hello,
    Level,
    Log,
    Phase,
    Requests,
    RunStarted,
    Score,
    Steps,
)

CHART_BUCKETS = 400
"""Columns that a view carries of each course: more than the widest chart shows."""

LOG_LINES = 500
NO_READING_NS = 3_000_000_000
"""Telemetry that is silent for longer is said to be."""

Event = RunStarted | Phase | Score | Failure | Done
"""Frames that change where a run stands."""

_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b.?|[\x00-\x08\x0a-\x1f\x7f-\x9f]")


_NO_SAMPLES: Ring[Cell] = Ring(Cell)


class LiveSession:
    """The state of one session, from its frames."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._runs = {planned.run: LiveRun(planned) for planned in plan.runs}
        self._current: int | None = None
        self._host = Device("host")
        self._worker = Device("worker")
        self._gpus: dict[str, Device] = {}
        self._log: deque[LogLine] = deque(maxlen=LOG_LINES)
        self._findings: deque[str] = deque(maxlen=20)
        self._failure: Failure | None = None
        self._hello: Hello | None = None
        self._read_ns: int | None = None
        self.state: SessionState = "starting"
        self.newest_ns = 0
        """The latest instant that any frame spoke of."""

    def feed(self, frame: AnyFrame) -> None:
        """Take one frame."""
        match frame:
            case Steps() | Requests():
                self._take_samples(frame)
            case Gauges():
                self._take_gauges(frame)
            case Hello():
                self._take_hello(frame)
            case Log():
                self._say(frame, frame.level, frame.origin, frame.text)
            case Finding():
                self._findings.append(_joined(frame.message, frame.remedy))
                self._say(frame, "warning", "benchtop", _joined(frame.message, frame.remedy))
            case RunStarted() | Phase() | Score() | Failure() | Done():
                self._take_event(frame)

    def view(self, now_ns: int) -> View:
        """Everything as it stands at `now_ns` of the host's monotonic clock."""
        runs = tuple(run.view(now_ns) for run in self._runs.values())
        current = next((run for run in runs if run.run == self._current), None)
        whole = now_ns // BUCKET_NS - 1
        ring = self._runs[self._current].ring if self._current is not None else _NO_SAMPLES
        throughput = ring.series(whole, CHART_BUCKETS, _samples)
        hello = self._hello
        return View(
            name=self._plan.name,
            now_ns=now_ns,
            wall_offset_ns=hello.wall_ns - hello.monotonic_ns if hello else 0,
            host=hello.host if hello else "",
            state=self.state,
            started_ns=hello.monotonic_ns if hello else None,
            runs=runs,
            current=current,
            host_device=self._host.view(now_ns, CHART_BUCKETS),
            worker_device=self._worker.view(now_ns, CHART_BUCKETS),
            gpus=tuple(device.view(now_ns, CHART_BUCKETS) for device in self._gpus.values()),
            throughput=throughput,
            bytes_per_s=_scaled(throughput, current),
            time_p50=ring.series(whole, CHART_BUCKETS, _p50),
            time_p99=ring.series(whole, CHART_BUCKETS, _p99),
            loss=ring.series(whole, CHART_BUCKETS, _loss),
            log=tuple(self._log),
            notices=self._notices(now_ns),
        )

    def _notices(self, now_ns: int) -> tuple[str, ...]:
        """Most urgent first."""
        notices: list[str] = []
        if self._failure is not None:
            notices.append(_joined(self._failure.message, self._failure.remedy))
        run = self._runs.get(self._current or SESSION)
        if self.state == "running" and run is not None and run.state in ("starting", "running"):
            quiet_s = (now_ns - run.heard_ns) / 1e9
            if quiet_s > self._plan.quiet_s:
                notices.append(f"no frame from {run.workload} for {quiet_s:.0f} s: k ends it")
        if self.state == "running" and self._read_ns is not None and now_ns - self._read_ns > NO_READING_NS:
            notices.append(f"no reading for {(now_ns - self._read_ns) / 1e9:.0f} s")
        if run is not None and run.dropped:
            notices.append(
                f"{run.dropped:,} samples of {run.workload} dropped: they came faster than they could be sent"
            )
        return (*notices, *reversed(self._findings))

    def _take_samples(self, frame: Steps | Requests) -> None:
        run = self._runs.get(frame.run)
        if run is not None:
            run.add_samples(frame)
            self._hear(frame.run, run.newest_ns)

    def _take_gauges(self, frame: Gauges) -> None:
        self._note(frame.at_ns)
        self._read_ns = frame.at_ns
        if frame.device == "host":
            self._host.add(frame)
        elif frame.device == "worker":
            self._worker.add(frame)
        else:
            self._gpus.setdefault(frame.device, Device(frame.device)).add(frame)

    def _take_hello(self, frame: Hello) -> None:
        self._note(frame.monotonic_ns)
        if frame.role == "conductor":
            self._hello = frame
            self.state = "running"
        elif frame.role == "sampler":
            for facts in frame.fingerprint.devices:
                self._gpus.setdefault(facts.device, Device(facts.device)).facts = facts
        else:
            self._hear(frame.run, frame.monotonic_ns)

    def _take_event(self, frame: Event) -> None:
        run = self._runs.get(frame.run)
        if run is not None:
            run.add(frame)
            if not (isinstance(frame, Done) and frame.outcome == "skipped"):
                self._hear(frame.run, frame.at_ns)
        elif frame.run == SESSION and isinstance(frame, Failure):
            self._failure = frame
        elif frame.run == SESSION and isinstance(frame, Done):
            self.state = "interrupted" if frame.outcome == "skipped" else frame.outcome
        self._note(frame.at_ns)
        self._tell(frame, run)

    def _tell(self, frame: Event, run: LiveRun | None) -> None:
        """Put what happened into the log, where a person may look for it."""
        match frame:
            case Failure():
                self._say(frame, "error", "benchtop", _joined(frame.message, frame.remedy))
                for line in frame.detail.splitlines():
                    self._say(frame, "error", "detail", line)
            case RunStarted():
                self._say(frame, "info", "benchtop", f"{frame.workload} on {frame.device_name} in {frame.precision}")
            case Score() if frame.epoch is not None:
                text = f"epoch {frame.epoch}: {frame.metric.replace('_', ' ')} {frame.value:.4f} of {frame.samples}"
                self._say(frame, "info", run.workload if run else "benchtop", text)
            case Done() if run is not None:
                self._say(frame, "info", "benchtop", f"{run.workload} {frame.outcome}")

    def _hear(self, number: int, at_ns: int) -> None:
        """The worker of a run speaks."""
        run = self._runs.get(number)
        if run is not None:
            run.hear(at_ns)
            self._current = number
            self._note(at_ns)

    def _note(self, at_ns: int) -> None:
        self.newest_ns = max(self.newest_ns, at_ns)

    def _say(
        self, frame: Log | Finding | RunStarted | Phase | Score | Failure | Done, level: Level, origin: str, text: str
    ) -> None:
        self._note(frame.at_ns)
        if isinstance(frame, Log):
            self._heard_log(frame)
        self._log.append(LogLine(frame.at_ns, level, _plain(origin), _plain(text), frame.run))

    def _heard_log(self, frame: Log) -> None:
        run = self._runs.get(frame.run)
        if run is not None and run.state != "planned":
            run.hear(frame.at_ns)


def _plain(text: str) -> str:
    """Without what could move a cursor or colour a terminal: a journal may come from a stranger."""
    return _CONTROL.sub("", text.replace("\t", " "))


def _joined(message: str, remedy: str) -> str:
    return _plain(f"{message}; {remedy}" if remedy else message)


def _samples(cell: Cell) -> float:
    return float(cell.samples)


def _p50(cell: Cell) -> float | None:
    return cell.p50


def _p99(cell: Cell) -> float | None:
    return cell.p99


def _loss(cell: Cell) -> float | None:
    return cell.loss.value


def _scaled(throughput: Series, run: RunView | None) -> Series | None:
    """Units a second → bytes a second."""
    each = run.started.bytes_per_unit if run is not None and run.started is not None else None
    if each is None:
        return None
    values = tuple(None if value is None else value * each for value in throughput.values)
    return Series(throughput.bucket_ns, throughput.last, values)
