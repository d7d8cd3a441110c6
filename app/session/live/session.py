"""Frames in, the view of one instant out: everything that a screen shows is put together here.

Memory does not grow with the length of a session. Nothing is read, waited for or drawn here.
"""

from __future__ import annotations

from collections import deque

import msgspec

from app.session.live.buckets import BUCKET_NS
from app.session.live.devices import MOST, Devices
from app.session.live.marks import Marks
from app.session.live.notices import Notices, joined
from app.session.live.runs import LiveRun
from app.session.live.timeline import Timeline
from app.session.live.view import LogLine, RunView, SessionState, View
from app.session.plain import plain, plain_frame
from app.session.planning.plan import Plan
from app.session.results.search import MEETS, MISSES, RESULT
from app.session.results.slo import planned_slo
from app.session.results.titles import titles
from app.session.results.variants import LiveVariants
from app.session.roofs.roofline import combined, rooflines_of
from app.session.store.fitting import check_columns
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    ClockAligned,
    Courses,
    Done,
    Effect,
    Estimate,
    Event,
    Failure,
    Finding,
    Gauges,
    Hello,
    Level,
    Log,
    Phase,
    Profile,
    Requests,
    Rollup,
    RunStarted,
    Score,
    Steps,
    Verdicts,
)

CHART_BUCKETS = 400
"""Columns that a view carries of each course: more than the widest chart shows."""

SETTLE_NS = 250_000_000
"""A bucket is shown this long after its end: what fell into it is sent by then, so that its column never moves."""

LOG_LINES = 500

Standing = RunStarted | Phase | Score | Failure | Done
"""Frames that change where a run stands."""


class LiveSession:
    """The state of one session, from its frames."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        names = titles(plan.runs)
        slo = planned_slo(plan.slo)
        self._runs = {planned.run: LiveRun(planned, names[planned.run], plan.hosts, slo) for planned in plan.runs}
        self._found = ""
        self._where: dict[int, str] = {}
        self._settled: dict[int, RunView] = {}
        self._current: LiveRun | None = None
        self._earlier = tuple(map(plain_frame, plan.rooflines))
        self._rooflines = self._earlier
        self._before: LiveRun | None = None
        self._devices = Devices()
        self._clocks: dict[tuple[str, str], ClockAligned] = {}
        self._variants = LiveVariants(plan)
        self._marks = Marks()
        self._notices = Notices(plan.quiet_s)
        self._log: deque[LogLine] = deque(maxlen=LOG_LINES)
        self._hello: Hello | None = None
        self.state: SessionState = "starting"
        self.newest_ns = 0
        """The latest instant that any frame spoke of."""

    def feed(self, frame: AnyFrame) -> None:
        """Take one frame. One that makes no sense is counted and left out."""
        match frame:
            case Steps() | Requests() | Rollup():
                self._take_samples(frame)
            case Courses():
                self._take_courses(frame)
            case ClockAligned():
                self._take_clock(frame)
            case Gauges():
                self._take_gauges(frame)
            case Hello():
                self._take_hello(plain_frame(frame))
            case Log():
                self._take_log(frame)
            case Finding():
                self._take_finding(frame)
            case Estimate():
                self._note(frame.at_ns)
                self._variants.take(plain_frame(frame))
            case Failure():
                self._take_event(plain_frame(msgspec.structs.replace(frame, detail="")))
                for line in frame.detail.splitlines()[-LOG_LINES:]:
                    self._say(frame, "error", "detail", line)
            case RunStarted() | Phase() | Score() | Done():
                self._take_event(plain_frame(frame))
            case Verdicts() | Effect() | Profile() | Event():
                self._take_why(plain_frame(frame))

    @property
    def began_ns(self) -> int | None:
        """When the conductor said Hello."""
        return self._hello.monotonic_ns if self._hello else None

    def view(self, now_ns: int, *, lost: bool = False, whole: bool = False) -> View:
        """Everything as it stands at `now_ns` of the host's monotonic clock.

        `lost`: its conductor is gone. `whole`: courses are of all of the session, in wider buckets.
        """
        hello = self._hello
        views = {number: _shown(self._run_view(run, now_ns), lost=lost) for number, run in self._runs.items()}
        host, worker, gpus = self._devices.views(now_ns, None if whole else CHART_BUCKETS)
        timeline = self._current.timeline if self._current is not None else Timeline()
        settled = (now_ns - SETTLE_NS) // BUCKET_NS - 1
        series = timeline.whole() if whole else timeline.series(settled, CHART_BUCKETS)
        return View(
            name=plain(self._plan.name),
            now_ns=now_ns,
            wall_offset_ns=hello.wall_ns - hello.monotonic_ns if hello else 0,
            host=hello.host if hello else "",
            state="lost" if lost else self.state,
            started_ns=self.began_ns,
            runs=tuple(views.values()),
            current=None if self._current is None else views[self._current.number],
            host_device=host,
            worker_device=worker,
            gpus=gpus,
            throughput=series["units"],
            bytes_per_s=series["moved"],
            flops_per_s=series["computed"],
            time_p50=series["p50"],
            time_p99=series["p99"],
            loss=series["loss"],
            clock_error_ns=max((clock.error_ns for clock in self._clocks.values()), default=None),
            log=tuple(self._log),
            notices=self._notices.now(
                now_ns,
                going=self.state == "running" and not lost,
                current=self._current,
                runs=self._runs.values(),
                read_ns=self._devices.read_ns or self.began_ns,
            ),
            variants=self._variants.view(views),
            until=self._plan.until,
            slo=plain(self._plan.slo),
            search=self._plan.search,
            found=self._found,
            rooflines=self._rooflines,
            marks=self._marks.view(),
        )

    def _run_view(self, run: LiveRun, now_ns: int) -> RunView:
        """Of a run that does not go on, the one that was made when it was last heard of: there may be many."""
        if run.number not in self._settled:
            view = run.view(now_ns, self._earlier if run.makes_roofline else self._rooflines)
            if run.state in ("starting", "running"):
                return view
            self._settled[run.number] = view
        return self._settled[run.number]

    def _take_samples(self, frame: Steps | Requests | Rollup) -> None:
        run = self._runs.get(frame.run)
        if run is None:
            return
        try:
            if isinstance(frame, Rollup):
                run.add_rollup(frame)
            else:
                check_columns(frame)
                run.add_samples(frame)
        except (ValueError, OverflowError):
            self._notices.unsound += 1
        else:
            self._hear(run, run.newest_ns)

    def _take_courses(self, frame: Courses) -> None:
        run = self._runs.get(frame.run)
        try:
            if frame.device:
                self._devices.take_courses(frame)
            elif run is not None:
                run.add_courses(frame)
        except (ValueError, OverflowError):
            self._notices.unsound += 1

    def _take_hello(self, frame: Hello) -> None:
        self._note(frame.monotonic_ns)
        if frame.role == "conductor":
            self._hello = frame
            self.state = "running"
        elif frame.role == "sampler":
            self._devices.take_hello(frame)
        elif run := self._runs.get(frame.run):
            run.host = frame.host if frame.rank == 0 else run.host
            self._hear(run, frame.monotonic_ns)

    def _take_gauges(self, frame: Gauges) -> None:
        self._note(frame.at_ns)
        self._devices.take(frame)
        if frame.source == "counted" and (run := self._runs.get(frame.run)) is not None:
            run.hear(frame.at_ns)  # a server that waits for requests says how many there are

    def _take_clock(self, frame: ClockAligned) -> None:
        """The newest of each process; a host has one worker at a time."""
        self._note(frame.at_ns)
        key = (frame.role, frame.host)
        if key in self._clocks or len(self._clocks) < MOST:
            self._clocks[key] = frame

    def _take_log(self, frame: Log) -> None:
        run = self._runs.get(frame.run)
        if run is not None and run.state != "planned":
            run.hear(frame.at_ns)
        printed = run is not None and run.several and frame.origin in ("stdout", "stderr")
        self._say(frame, frame.level, frame.origin, f"rank {frame.rank}: {frame.text}" if printed else frame.text)

    def _take_finding(self, frame: Finding) -> None:
        run = self._runs.get(frame.run)
        if frame.kind in (MEETS, MISSES) and run is not None:
            run.judge(plain_frame(frame))
            self._settled.pop(run.number, None)
            self._say(frame, "info", "search", frame.message)
        elif frame.kind == RESULT:
            self._found = plain(frame.message)
            self._say(frame, "info", "search", frame.message)
        else:
            self._notices.find(frame)
            self._say(frame, "warning", "benchtop", joined(frame.message, frame.remedy))

    def _take_why(self, frame: Verdicts | Effect | Profile | Event) -> None:
        """What was found out about a run, which may come after its end, or what happened in it."""
        self._note(frame.at_ns)
        run = self._runs.get(frame.run)
        if run is None:
            return
        if isinstance(frame, Event):
            self._marks.take(frame)
            run.slow.take_event(frame)
        else:
            run.why.take(frame)
        self._settled.pop(run.number, None)

    def _take_event(self, frame: Standing) -> None:
        run = self._runs.get(frame.run)
        self._note(frame.at_ns)
        if run is not None:
            if isinstance(frame, Phase | Done):
                self._marks.take(frame)
            run.add(frame)
            self._settled.pop(run.number, None)
            if not (isinstance(frame, Done) and frame.outcome == "skipped"):
                self._hear(run, frame.at_ns)
            elif self._current is run:
                # Nothing was measured in it, so the one before is what there is to see.
                self._current = self._before
            if isinstance(frame, Done) and run.makes_roofline:
                self._measure()
        elif frame.run == SESSION and isinstance(frame, Failure):
            self._notices.failure = frame
        elif frame.run == SESSION and isinstance(frame, Done):
            self.state = "interrupted" if frame.outcome == "skipped" else frame.outcome
        self._tell(frame, run)

    def _measure(self) -> None:
        """A probe is over: what was reached so far, before what earlier sessions reached."""
        probed = (probe for run in self._runs.values() if (probe := run.measured) is not None)
        self._settled.clear()
        self._rooflines = combined((*rooflines_of(probed, "", 0), *self._earlier))

    def _tell(self, frame: Standing, run: LiveRun | None) -> None:
        """Put what happened into the log, where a person may look for it."""
        match frame:
            case Failure():
                self._say(frame, "error", "benchtop", joined(frame.message, frame.remedy))
            case RunStarted():
                self._say_where(frame, run.title if run else frame.workload)
            case Score() if frame.epoch is not None or frame.step is not None:
                where = f"epoch {frame.epoch}" if frame.epoch is not None else f"step {frame.step:,}"
                text = f"{where}: {frame.metric.replace('_', ' ')} {frame.value:.4f} of {frame.samples}"
                self._say(frame, "info", run.workload if run else "benchtop", text)
            case Done() if run is not None:
                self._say(frame, "info", "benchtop", f"{run.title} {frame.outcome}")

    def _say_where(self, frame: RunStarted, title: str) -> None:
        """On what a run runs; of a program of the user's it may be known late, and is told once."""
        text = f"{title} on {frame.device_name} in {frame.precision}"
        if frame.device_name and frame.precision and self._where.get(frame.run) != text:
            self._where[frame.run] = text
            self._say(frame, "info", "benchtop", text)

    def _hear(self, run: LiveRun, at_ns: int) -> None:
        """The worker of a run speaks."""
        run.hear(at_ns)
        self._settled.pop(run.number, None)
        if run is not self._current:
            self._before, self._current = self._current, run
        self._note(at_ns)

    def _note(self, at_ns: int) -> None:
        self.newest_ns = max(self.newest_ns, at_ns)

    def _say(self, frame: Log | Finding | Standing, level: Level, origin: str, text: str) -> None:
        self._note(frame.at_ns)
        self._log.append(LogLine(frame.at_ns, level, plain(origin), plain(text), frame.run))


def _shown(run: RunView, *, lost: bool) -> RunView:
    """A run does not outlive its conductor, though nobody was left to say so."""
    if lost and run.state in ("starting", "running"):
        return msgspec.structs.replace(run, state="interrupted")
    return run
