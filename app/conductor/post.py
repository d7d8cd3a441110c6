"""A post: one process of a run, here or behind a command, from its start to its end. A run has one on each host.

Ends the worker when it is told to, never because it is slow. What it says goes on to the run; why it ended
without saying Done is settled here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from app.conductor.alignment import Alignment, NotAligned
from app.conductor.child import Child
from app.conductor.faults import failure_of_exit, failure_of_start, failure_of_stream
from app.conductor.record import Record, RecordClosed
from app.conductor.sampling import Sampling
from app.conductor.via_faults import LINE_BROKE, failure_before_hello, failure_of_line, failure_of_old
from app.session.planning.via import Place
from workloads.oom_kills import oom_kills, oom_kills_since
from workloads.wire.commands import AnyCommand, Start, Stop
from workloads.wire.frames import AnyFrame, Done, Failure, Hello, Log, Outcome

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


class Post:
    """One process. `run()` once; `stop()` and `end()` from elsewhere while it lasts."""

    def __init__(
        self,
        place: Place,
        run: int,
        record: Record,
        sampling: Sampling,
        take: Callable[[Post, bytes, list[AnyFrame]], None],
        *,
        inherited: Sequence[int] = (),
    ) -> None:
        """`take` gets whole frames as they came, but for those that concern clocks alone, and the same decoded.

        `inherited`: file descriptors that the process gets.
        """
        self._inherited = inherited
        self._place = place
        self._run = run
        self._record = record
        self._sampling = sampling
        self._told = take
        self._alignment = Alignment("worker", record, run) if place.via else None
        self._grace_s = BEHIND_GRACE_S if place.via else place.grace_s
        self._child: Child | None = None
        self._stop = asyncio.Event()
        self._terminate = False
        self._ended_on_request = False
        self._old = False
        self._pids: tuple[int, ...] = ()
        self._watching: asyncio.Future[None] | None = None
        self._telling: asyncio.Future[None] | None = None
        self._lines = 0
        self.done: Done | None = None
        """Its last word."""
        self.failure: Failure | None = None
        """Why it ended without one."""

    @property
    def outcome(self) -> Outcome:
        """How it ended; interrupted where it was ended on request and said nothing."""
        if self.done is not None:
            return self.done.outcome
        return "interrupted" if self.failure is None else "failed"

    async def run(self, start: Start) -> None:
        """Start the process and wait until it is gone."""
        kills = oom_kills()
        command = self._place.command
        try:
            child = await Child.start(command, self._take, self._say, inherited=self._inherited)
        except OSError as error:
            self.failure = failure_of_start(error, command, run=self._run, at_ns=self._record.now())
            return
        self._child = child
        if self._ended_on_request:  # while it was being started
            self.end()
        talking = asyncio.ensure_future(self._talk(child, start))
        try:
            status = await self._wait(child)
        finally:
            child.kill()
            talking.cancel()
            self._child = None
            await self._sampling.watch(self._run, ())
        if self.done is None and self._record.failure is None:
            self.failure = self._settle(child, status, kills)

    def stop(self, *, terminate: bool = False) -> None:
        """Ask the worker to end soon, and to say Done; the first wish says how."""
        self._terminate |= terminate and not self._stop.is_set()
        self._stop.set()

    def tell(self, command: AnyCommand) -> None:
        """Pass a command on to the worker, if it is there."""
        if self._child is not None:
            self._telling = asyncio.ensure_future(self._child.send(command))

    def end(self) -> None:
        """End the worker now."""
        self._ended_on_request = True
        if self._child is None:
            return
        if not self._place.via:
            self._child.kill()
            return
        self._child.close_stdin()
        asyncio.get_running_loop().call_later(PASSED_ON_S, self._child.kill)

    async def _talk(self, child: Child, start: Start) -> None:
        """All that the worker is told while it runs, but for Stop."""
        with contextlib.suppress(RecordClosed):
            if self._alignment is None:
                await child.send(start)
                await self._sampling.watch(self._run, (child.pid,), above=self._place.above)
                return
            try:
                await self._alignment.begin(child)
            except NotAligned:
                self._old = True
                child.kill()
                return
            await child.send(start)
            await self._alignment.keep(child)

    async def _wait(self, child: Child) -> int:
        """Until the worker is gone; ends it when it was stopped, or said Done, and does not go."""
        ended = asyncio.ensure_future(child.wait())
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                grace = END_GRACE_S
                if self.done is None:
                    await child.send(Stop(terminate=self._terminate))
                    # What it says then can be kept no more where the record has failed: it need only end.
                    grace = STOP_GRACE_S if self._record.failure is None else END_GRACE_S
                await asyncio.wait((ended,), timeout=grace + self._grace_s)
        finally:
            if self._place.via:
                await child.end(ended, PASSED_ON_S)
            child.kill()
            stopped.cancel()
            status = await asyncio.shield(ended)
        return status

    def _settle(self, child: Child, status: int, kills_before: int | None) -> Failure | None:
        """Why a worker is gone that did not say Done; None where that was asked for."""
        number, now, via = self._run, self._record.now(), self._place.via
        if child.damage is not None:
            return failure_of_stream(child.damage, run=number, at_ns=now)
        if self._old:
            return failure_of_old(via=via, run=number, at_ns=now)
        if self._ended_on_request or self._stop.is_set():
            return None
        starved = oom_kills_since(kills_before)
        words = tuple(child.stderr)
        if via and not self._pids:
            python = self._place.python
            return failure_before_hello(status, words, via=via, python=python, run=number, at_ns=now)
        if via and (status < 0 or status == LINE_BROKE):
            return failure_of_line(status, words, via=via, run=number, at_ns=now)
        return failure_of_exit(status, run=number, at_ns=now, last_words=words, out_of_memory=starved)

    def _take(self, data: bytes, frames: list[AnyFrame]) -> None:
        if self._alignment is not None:
            data, frames = self._alignment.take(data, frames)
            self._find(frames)
        done = next((frame for frame in frames if isinstance(frame, Done)), None)
        if done is not None:
            self.done = done
            self._stop.set()
        self._told(self, data, frames)

    def _find(self, frames: list[AnyFrame]) -> None:
        """Behind a command, processes have other numbers than here: those that they say themselves."""
        pids = {frame.pid for frame in frames if isinstance(frame, Hello)}
        if pids - set(self._pids):
            self._pids = tuple(sorted({*self._pids, *pids}))
            self._watching = asyncio.ensure_future(self._sampling.watch(self._run, self._pids))

    def _say(self, line: str) -> None:
        self._lines += 1
        if self._lines > STDERR_LINES_A_RUN:
            return
        text = line if self._lines < STDERR_LINES_A_RUN else "more lines on stderr, left out"
        with contextlib.suppress(RecordClosed):
            self._record.put(Log(run=self._run, at_ns=self._record.now(), text=text, level="warning", origin="stderr"))
