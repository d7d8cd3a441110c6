"""`benchtop run --headless`: a progress line a second for logs and CI, and an orderly end on a signal.

Follows the same journal as the screen does. Never draws, never asks.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from app.session.live.notices import K_ENDS
from app.session.live.view import LoadView, RunView, VariantView, View
from app.session.live.viewer_cost import Telling, tell_cost
from app.session.plain import plain
from app.session.planning.plan import Plan
from app.session.results.interval import half_width
from app.session.sources.control import ConductorGone
from app.session.sources.watch import Watch
from app.session.store.folder import SessionFolder
from app.text.cases import of_cases
from app.text.metrics import half_width_text, metric_text
from app.text.numbers import count, duration, loss_text, milliseconds, percent, significant
from app.text.verdicts import verdict_line
from app.text.work import work_text
from app.viewing import start_session, wait_saved
from workloads.exec.open_line import OpenLine
from workloads.wire.commands import AnyCommand, EndRun, PassSignal, Stop
from workloads.wire.frames import Estimate

if TYPE_CHECKING:
    from app.metrics.listening import Listening

LINE_S = 1.0
LOOK_S = 0.5
"""Between two looks; each takes processor time from what is measured."""


class Signals(AbstractContextManager["Signals"]):
    """While the block lasts, SIGINT, SIGTERM and those that are named do nothing but be kept in `came`."""

    def __init__(self, *others: signal.Signals) -> None:
        self._numbers = (signal.SIGINT, signal.SIGTERM, *others)
        self.came: deque[int] = deque()
        """In order, until whoever acts on them takes them out."""
        self._before: dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        for number in self._numbers:
            self._before[number] = signal.signal(number, lambda number, _: self.came.append(number))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def run_headless(
    home: Path, plan: Plan, progress: TextIO, streams: Sequence[int] = (), metrics: Listening | None = None
) -> SessionFolder:
    """Run a plan without a screen → its saved session. Raises ValueError where it cannot be started or saved.

    `streams`: what a command of the user's is to have, as `program_streams` gives it. `metrics`: see `start_session`.
    """
    line = OpenLine(streams[3]) if streams[3:] else None

    def say(text: str) -> None:
        fresh = line.leave(terminal=progress.isatty()) if line is not None else ""
        print(f"{fresh}{plain(text)}", file=progress, flush=True)

    folder, conductor = start_session(home, plan, streams, metrics)
    passed_on = (signal.SIGUSR1, signal.SIGUSR2) if any(run.command for run in plan.runs) else ()
    with Signals(*passed_on) as signals:
        conductor.wait_ready()
        watch = Watch.follow(folder)
        try:
            if follow(watch, say, signals).state == "lost":
                say(f"the conductor ended before the session did, killed perhaps; what it wrote is in {folder.path}")
        finally:
            watch.close()
        wait_saved(folder)
    return folder


def follow(watch: Watch, say: Callable[[str], None], signals: Signals) -> View:
    """Say how the session goes until it has ended and is saved → its last view."""
    told = 0
    needless: set[str] = set()
    judged: set[int] = set()
    known: dict[int, Estimate] = {}
    limits: dict[int, tuple[str, bool]] = {}
    noticed: set[str] = set()
    said_at = 0
    stops = 0
    telling = Telling(time.monotonic_ns())
    while True:
        now = time.monotonic_ns()
        view = watch.look(now)
        for run in view.runs[told:]:
            if run.state in ("planned", "starting", "running"):
                break
            # Of many repeats or tries that are not needed, the first says why.
            if not ((view.variants or view.search) and run.state == "skipped" and run.message in needless):
                say(_closing_line(run))
            needless |= {run.message} if run.state == "skipped" else set()
            told += 1
        for run in view.runs:
            if run.verdict and run.run not in judged:
                judged.add(run.run)
                say(run.verdict)
            if line := _limit_line(run, limits):
                say(line)
        for variant in view.variants:
            if variant.estimates and variant.estimates[-1] != known.get(variant.variant):
                known[variant.variant] = variant.estimates[-1]
                say(_estimate_line(variant, view.until))
        stops = _pass_on(signals, stops, watch, say)
        if view.state not in ("starting", "running") and not watch.live:
            return view
        if now - said_at >= LINE_S * 1e9 and view.current is not None and view.current.state == "running":
            said_at = now
            notice = next((notice for notice in view.notices if notice not in noticed), "")
            noticed.add(notice)
            say("  ".join((progress_line(view, view.current), notice.removesuffix(K_ENDS))).rstrip())
        if telling.is_due(now):
            tell_cost(watch.command)
        time.sleep(LOOK_S)


def _pass_on(signals: Signals, stops: int, watch: Watch, say: Callable[[str], None]) -> int:
    """What has come → how many so far asked for the end. The first asks the session to stop, the second ends the run.

    Those that mean something to a command alone are passed on to it as they come.
    """
    while signals.came:
        number = signals.came.popleft()
        if number not in (signal.SIGINT, signal.SIGTERM):
            _command(watch, PassSignal(number=number))
            continue
        stops += 1
        if stops == 1:
            say("stopping and saving …")
            _command(watch, Stop(terminate=number == signal.SIGTERM))
        elif stops == 2:
            say("ending the run at once …")
            _command(watch, EndRun())
    return stops


def _command(watch: Watch, command: AnyCommand) -> None:
    with suppress(ConductorGone):
        watch.command(command)


def progress_line(view: View, run: RunView) -> str:
    """One line about a run that is going on: what is of the last seconds, and what is of all that was measured."""
    parts = [f"{run.title or run.workload:<15}", f"{run.phase or run.state:<8}", duration(_seconds(view, run))]
    if run.case is not None:
        parts.append(run.case)
    parts += _said("now", _of_now(run))
    parts += _said("so far", _of_all(run))
    if run.accuracy is not None:
        parts.append(f"top-1 {percent(run.accuracy * 100)}")
    if run.bits_per_byte is not None:
        parts.append(f"{run.bits_per_byte:.3f} bits/byte")
    if run.load is not None and run.phase == "measure":
        parts.append(_load_text(run.load, view))
    return "  ".join(parts)


def _said(of: str, numbers: Sequence[str]) -> Sequence[str]:
    """Numbers behind the word that says of when they are."""
    return (f"{of} {numbers[0]}", *numbers[1:]) if numbers else ()


def _of_now(run: RunView) -> Sequence[str]:
    """What is of the last seconds of measuring."""
    numbers = [worked] if (worked := work_text(run, count)) else []
    if run.rate is not None:
        numbers.append(f"of {significant(run.rate)} due/s")
    if run.mfu is not None:
        numbers.append(f"MFU {percent(run.mfu * 100)}")
    if run.loss is not None:
        numbers.append(f"loss {loss_text(run.loss)}")
    return numbers


def _of_all(run: RunView) -> Sequence[str]:
    """What is of all that was measured so far."""
    numbers = []
    if run.times is not None:
        numbers.append(f"p50 {run.times.p50 / 1e6:.2f} ms")
    if run.told is not None and run.told.itl is not None:
        numbers.append(f"TTFT p50 {run.told.ttft.p50 / 1e6:.2f} ms  ITL p50 {run.told.itl.p50 / 1e6:.2f} ms")
    if run.good is not None:
        numbers.append(f"good {percent(run.good.share * 100)}")
    return numbers


def _seconds(view: View, run: RunView) -> float:
    """How long it has measured; else for how long the present phase lasts, or the run where none has begun yet."""
    if run.phase == "measure":
        return run.measured_s
    began_ns = run.phase_began_ns if run.started is None or run.phase is not None else run.started.at_ns
    return run.measured_s if began_ns is None else (view.now_ns - began_ns) / 1e9


def _limit_line(run: RunView, limits: dict[int, tuple[str, bool]]) -> str:
    """What limits a run, where that has changed or is said of all of it; empty where it was said before."""
    said = run.verdicts
    if said is None:
        return ""
    first = said.verdicts[0] if said.verdicts else None
    now = (first.kind if first is not None else "", said.whole)
    if limits.get(run.run, ("", False)) == now:
        return ""
    limits[run.run] = now
    return "" if first is None else f"{run.title}  limited by {verdict_line(first)}"


def _estimate_line(variant: VariantView, until: float | None) -> str:
    """What the repeats of one variant say so far."""
    estimate = variant.estimates[-1]
    width = half_width(estimate)
    within = half_width_text(width) if width is not None else "no interval yet"
    sought = "" if until is None else f"  (until {half_width_text(until)})"
    repeats = "1 repeat" if estimate.repeats == 1 else f"{estimate.repeats} repeats"
    value = metric_text(estimate.value, variant.unit)
    return f"{variant.title}  after {repeats}: {variant.label} {value}  {within}{sought}"


def _load_text(load: LoadView, view: View) -> str:
    """How many requests wait, and how late the load generator is."""
    waiting = view.worker_device.readings.get("queue_requests")
    waits = "" if waiting is None else f"{count(waiting.value)} waiting  "
    if load.lag_p99 is None:
        return waits.rstrip()
    return waits + ("generator late " if load.late else "lag p99 ") + milliseconds(load.lag_p99 / 1e6)


def _closing_line(run: RunView) -> str:
    name = run.title or run.workload
    if run.message:
        return f"{name}  {run.state}: {run.message}" + (f" - {run.remedy}" if run.remedy else "")
    if run.case is not None:
        worked = work_text(run, count)
        return f"{name}  {run.state}" + (f": {worked}, {of_cases(run.cases)}: {run.case}" if worked else "")
    return f"{name}  {run.state}"
