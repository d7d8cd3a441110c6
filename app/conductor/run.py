"""One run: start a worker, pass its frames on, and settle how it ended.

Ends the worker when it is told to, never because it is slow: a worker that hangs is shown to a
person, who decides.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from pathlib import Path

from app.conductor.alignment import Alignment, NotAligned
from app.conductor.child import Child
from app.conductor.faults import failure_of_exit, failure_of_start, failure_of_stream, oom_kills
from app.conductor.record import Record, RecordClosed
from app.conductor.sampling import Sampling
from app.conductor.via_faults import LINE_BROKE, failure_before_hello, failure_of_line, failure_of_old
from app.session.folder import SessionFolder
from app.session.plan import Plan, PlannedRun
from app.session.via import folder_there, worker_command
from workloads.wire.commands import Start, Stop
from workloads.wire.frames import AnyFrame, Done, Failure, Hello, Log, Outcome, Value

STOP_GRACE_S = 10.0
"""A worker that was told to stop has this long to say Done."""

END_GRACE_S = 5.0
"""A worker that said Done has this long to be gone."""

BEHIND_GRACE_S = 10.0
"""So much longer has a worker on another host, whose last frames may take their time."""

PASSED_ON_S = 3.0
"""A command in front of a worker has this long to pass the end of stdin on, and to end."""

STDERR_LINES_A_RUN = 1_000
"""Lines of raw stderr that go into the log; a worker's own output arrives as Log frames and is not meant here."""


class Run:
    """One run of the plan. `run()` once; `stop()` and `end()` from elsewhere while it lasts."""

    def __init__(
        self,
        planned: PlannedRun,
        plan: Plan,
        folder: SessionFolder,
        record: Record,
        sampling: Sampling,
        *,
        done: Collection[int] = (),
    ) -> None:
        """`done`: the runs of the plan that were done so far."""
        self._planned = planned
        self._plan = plan
        self._folder = folder
        self._record = record
        self._sampling = sampling
        self._done = done
        self._alignment = Alignment("worker", record, planned.run) if plan.via else None
        self._old = False
        self._heard = False
        self._pids: tuple[int, ...] = ()
        self._watching: asyncio.Future[None] | None = None
        self._grace_s = BEHIND_GRACE_S if plan.via else 0.0
        self._child: Child | None = None
        self._stop = asyncio.Event()
        self._ended_by_user = False
        self._outcome: Outcome | None = None
        self._lines = 0

    async def run(self) -> Outcome:
        """Start the worker and wait until it is gone → how the run went. Raises RecordClosed."""
        number = self._planned.run
        kills = oom_kills()
        command = worker_command(self._plan)
        try:
            child = await Child.start(command, self._take, self._say)
        except OSError as error:
            return self._fail(failure_of_start(error, command, run=number, at_ns=self._record.now()))
        self._child = child
        talking = asyncio.ensure_future(self._talk(child))
        try:
            status = await self._wait(child)
        finally:
            child.kill()
            talking.cancel()
            self._child = None
            await self._sampling.watch(number, ())
        if self._record.failure is not None:
            raise RecordClosed(self._record.failure)
        return self._outcome or self._settle(child, status, kills)

    def stop(self) -> None:
        """Ask the worker to end soon, and to say Done."""
        self._stop.set()

    def end(self) -> None:
        """Kill the worker now, because a person asked for it."""
        self._ended_by_user = True
        if self._child is None:
            return
        if not self._plan.via:
            self._child.kill()
            return
        self._child.close_stdin()
        asyncio.get_running_loop().call_later(PASSED_ON_S, self._child.kill)

    async def _talk(self, child: Child) -> None:
        """All that the worker is told while it runs, but for Stop."""
        with contextlib.suppress(RecordClosed):
            if self._alignment is None:
                await child.send(self._start())
                await self._sampling.watch(self._planned.run, (child.pid,))
                return
            try:
                await self._alignment.begin(child)
            except NotAligned:
                self._old = True
                child.kill()
                return
            await child.send(self._start())
            await self._alignment.keep(child)

    def _start(self) -> Start:
        planned = self._planned
        return Start(
            run=planned.run,
            workload=planned.workload,
            parameters=planned.parameters | self._weights(),
            seed=planned.seed,
            folder=folder_there(self._folder.name) if self._plan.via else str(self._folder.path),
            repeat=planned.repeat,
            duration_s=planned.duration_s,
            steps=planned.steps,
            warmup=planned.warmup,
            optional=planned.optional,
        )

    def _weights(self) -> dict[str, Value]:
        """An inference run without weights of its own gets those of the last training run of the same model."""
        side, _, model = self._planned.workload.partition("/")
        if side != "infer" or "weights" in self._planned.parameters:
            return {}
        trained = (
            run.run
            for run in reversed(self._plan.runs)
            if run.run < self._planned.run and run.workload == f"train/{model}"
        )
        if self._plan.via:
            # Nobody here sees the files there; a training run that was done has left them.
            there = SessionFolder(Path(folder_there(self._folder.name)))
            return next(({"weights": str(there.weights(run))} for run in trained if run in self._done), {})
        found = next((path for run in trained if (path := self._folder.weights(run)).is_file()), None)
        return {} if found is None else {"weights": str(found)}

    async def _wait(self, child: Child) -> int:
        """Until the worker is gone; ends it when it was stopped, or said Done, and does not go."""
        ended = asyncio.ensure_future(child.wait())
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                grace = END_GRACE_S
                if self._outcome is None and self._record.failure is None:
                    await child.send(Stop())
                    grace = STOP_GRACE_S
                await asyncio.wait((ended,), timeout=grace + self._grace_s)
        finally:
            if self._plan.via:
                await child.end(ended, PASSED_ON_S)
            child.kill()
            stopped.cancel()
            status = await asyncio.shield(ended)
        return status

    def _settle(self, child: Child, status: int, kills_before: int | None) -> Outcome:
        """A worker is gone that did not say Done."""
        number, now = self._planned.run, self._record.now()
        if child.damage is not None:
            return self._fail(failure_of_stream(child.damage, run=number, at_ns=now))
        via = self._plan.via
        if self._old:
            return self._fail(failure_of_old(via=via, run=number, at_ns=now))
        if self._ended_by_user or self._stop.is_set():
            self._record.put(Log(run=number, at_ns=now, level="warning", text="the worker was ended on request"))
            self._record.put(Done(run=number, at_ns=now, outcome="interrupted"))
            return "interrupted"
        kills = oom_kills()
        starved = kills is not None and kills_before is not None and kills > kills_before
        words = tuple(child.stderr)
        if via and not self._heard:
            python = self._plan.worker[0]
            return self._fail(failure_before_hello(status, words, via=via, python=python, run=number, at_ns=now))
        if via and (status < 0 or status == LINE_BROKE):
            return self._fail(failure_of_line(status, words, via=via, run=number, at_ns=now))
        return self._fail(failure_of_exit(status, run=number, at_ns=now, last_words=words, out_of_memory=starved))

    def _fail(self, failure: Failure) -> Outcome:
        self._record.put(failure)
        self._record.put(Done(run=failure.run, at_ns=failure.at_ns, outcome="failed"))
        return "failed"

    def _take(self, data: bytes, frames: list[AnyFrame]) -> None:
        if self._alignment is not None:
            data, frames = self._alignment.take(data, frames)
            self._find(frames)
        try:
            self._record.put_bytes(data)
        except RecordClosed:
            self.stop()
            return
        done = next((frame for frame in frames if isinstance(frame, Done)), None)
        if done is not None:
            self._outcome = done.outcome
            self._stop.set()

    def _find(self, frames: list[AnyFrame]) -> None:
        """Behind a command, processes have other numbers than here: those that they say themselves."""
        pids = {frame.pid for frame in frames if isinstance(frame, Hello)}
        if pids - set(self._pids):
            self._heard = True
            self._pids = tuple(sorted({*self._pids, *pids}))
            self._watching = asyncio.ensure_future(self._sampling.watch(self._planned.run, self._pids))

    def _say(self, line: str) -> None:
        self._lines += 1
        if self._lines > STDERR_LINES_A_RUN:
            return
        text = line if self._lines < STDERR_LINES_A_RUN else "more lines on stderr, left out"
        with contextlib.suppress(RecordClosed):
            self._record.put(
                Log(run=self._planned.run, at_ns=self._record.now(), text=text, level="warning", origin="stderr")
            )
