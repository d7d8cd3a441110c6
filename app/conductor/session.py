"""A whole session: the runs of the plan one after the other, the sampler beside them, and the orderly end.

Nothing in here draws or computes; what is written is in `record`, what a worker's end means in `faults`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from app.conductor.explaining import Explaining
from app.conductor.idle import FIRST_BEHIND_S, FIRST_S, Idle, baseline_text, seconds_of
from app.conductor.judging import END, Judging
from app.conductor.record import Record, RecordClosed
from app.conductor.rolling import Rolling
from app.conductor.room import Shortage
from app.conductor.run import Run
from app.conductor.sampling import Sampling
from app.conductor.working_folder import WorkingFolder, working_folder
from app.own_cost import own_cost
from app.session.planning.plan import Plan, PlannedRun
from app.session.planning.via import sampler_places
from app.session.results.judgement import Judgement
from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, Cost, EndRun, PassSignal, Reply, SetKnob, Status, Stop, TakeProfile, Try
from workloads.wire.frames import Done, Fingerprint, Hello, Log, Outcome, Overhead

SYNC_S = 0.5
"""Between two syncs; a frame is on the disk within a second, so that the disk has half of it: see `syncing`."""


LOOK_S = 5.0
"""Between two looks at how much room is left; others may write to the disk too."""


class Session:
    """Runs a plan once."""

    def __init__(self, folder: SessionFolder, plan: Plan, record: Record, streams: Sequence[int] = ()) -> None:
        """`streams`: stdin, stdout and stderr of whoever started it, where a command of the user's is to have them."""
        self._streams = streams
        self._folder = folder
        self._plan = plan
        self._record = record
        self._explaining = Explaining(plan, record)
        self._samplings = [Sampling(place, plan, record, told=self._explaining.hear) for place in sampler_places(plan)]
        self._judging = Judging(folder, plan, record)
        self._rolling = Rolling(folder, record)
        self._run: Run | None = None
        self._stopping = False
        self._ending = False
        self._stopped = asyncio.Event()

    def obey(self, command: AnyCommand) -> Reply:
        """A command from the control socket → the answer to it."""
        if isinstance(command, Status | Cost):
            return self._reply(accepted=isinstance(command, Status) or self._note(command))
        if self._ending:
            return self._reply(accepted=False, message="the session is already being saved")
        if isinstance(command, Stop):
            self.stop(terminate=command.terminate)
            return self._reply(accepted=True)
        if isinstance(command, PassSignal) and self._run is not None:
            self._run.pass_on(command)
            return self._reply(accepted=True)
        if isinstance(command, EndRun | Try | TakeProfile | SetKnob):
            refusal = "no run is going on" if self._run is None else self._obeyed(self._run, command)
            return self._reply(accepted=not refusal, message=refusal)
        return self._reply(accepted=False, message="this command is not for a conductor")

    @staticmethod
    def _obeyed(run: Run, command: EndRun | Try | TakeProfile | SetKnob) -> str:
        """Do what is asked of the present run → why it is not done, in a line; empty where it is."""
        if not isinstance(command, EndRun):
            return run.tell(command)
        run.end()
        return ""

    def stop(self, *, terminate: bool = False) -> None:
        """End the present run, start no other, save. `terminate`: a command of the user's gets SIGTERM."""
        self._stopping = True
        self._judging.stop()
        self._stopped.set()
        if self._run is not None:
            self._run.stop(terminate=terminate)

    async def run(self) -> Outcome:
        """All of it, up to the closed journal → how the session went."""
        folder = await working_folder(Path())
        background = asyncio.gather(
            *(sampling.run() for sampling in self._samplings),
            self._keep_on_disk(),
            self._warn(),
            self._explaining.run(),
            self._rolling.run(),
            return_exceptions=True,
        )
        try:
            self._record.put(_hello(self._plan, folder))
            await self._idle()
            outcome = await self._runs()
        except RecordClosed:
            outcome = "failed"
        self._ending = True
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background
        self._record.close(self._cost(), Done(at_ns=self._record.now(), outcome=outcome))
        return outcome

    async def _idle(self) -> None:
        """Measure the idle baseline, where there is anything to measure it with. A stop ends it."""
        seconds = seconds_of(self._plan)
        if not seconds:
            return
        idle = Idle()
        for sampling in self._samplings:
            sampling.hear = idle.hear
        patience_s = FIRST_BEHIND_S if self._plan.via else FIRST_S
        failed = [sampling.failed for sampling in self._samplings]
        if await idle.first(patience_s, self._stopped, *failed) and not self._stopping:
            self._say(f"nothing runs for {seconds:.1f} s: the idle baseline of energy is measured")
            idle.forget()
            began_ns = self._record.now()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)
            baseline = idle.baseline(self._record.now(), (self._record.now() - began_ns) / 1e9)
            if baseline.power_w:
                self._record.put(baseline)
                self._say(baseline_text(baseline))
        elif self._plan.idle_s:
            self._say("no idle baseline: nothing on this machine tells of power")
        for sampling in self._samplings:
            sampling.hear = None

    def _note(self, cost: Cost) -> bool:
        """Put what a viewer has cost into the journal → whether it still takes anything."""
        if self._ending:
            return False
        try:
            self._record.put(
                Overhead(
                    at_ns=self._record.now(),
                    role="viewer",
                    pid=cost.pid,
                    cpu_s=cost.cpu_s,
                    wall_s=cost.wall_s,
                    bytes_to_terminal=cost.bytes_to_terminal,
                )
            )
        except RecordClosed:
            return False
        return True

    def _cost(self) -> Overhead:
        cpu_s, wall_s = own_cost()
        return Overhead(at_ns=self._record.now(), role="conductor", pid=os.getpid(), cpu_s=cpu_s, wall_s=wall_s)

    def _say(self, text: str) -> None:
        self._record.put(Log(at_ns=self._record.now(), text=text))

    async def _runs(self) -> Outcome:
        outcomes: list[Outcome] = []
        done: set[int] = set()
        for planned in self._plan.runs:
            judgement = await self._judgement(planned)
            if self._stopping:
                outcomes.append("interrupted")
                self._record.put(Done(run=planned.run, at_ns=self._record.now(), outcome="skipped"))
                continue
            if judgement.skip is not None:
                now = self._record.now()
                self._record.put(Done(run=planned.run, at_ns=now, outcome="skipped", reason=judgement.skip))
                continue
            judged = replace(planned, parameters=planned.parameters | judgement.parameters)
            self._run = Run(
                judged,
                self._plan,
                self._folder,
                self._record,
                self._samplings,
                done=done,
                streams=self._streams,
                told=self._explaining.hear,
            )
            outcomes.append(await self._run.run())
            self._explaining.end(planned.run)
            if outcomes[-1] == "done":
                done.add(planned.run)
            self._run = None
        if not self._stopping:
            await self._judging.before(END)
        return outcome_of(outcomes)

    async def _judgement(self, planned: PlannedRun) -> Judgement:
        """What the runs so far say about the next one.

        Asked in the first round too, though little is said there: the judge then never has more than a run to read.
        """
        if self._stopping or (planned is self._plan.runs[0] and not self._plan.search):
            return Judgement()
        return await self._judging.before(planned.run)

    async def _keep_on_disk(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            await asyncio.to_thread(self._record.sync)

    async def _warn(self) -> None:
        """Say in good time that the disk, or what the session may take, comes to an end."""
        shortage = Shortage(self._plan.max_bytes)
        while True:
            left = self._record.look()
            finding = None if left is None else shortage.note(self._record.now(), left)
            if finding is not None:
                with contextlib.suppress(RecordClosed):
                    self._record.put(finding)
            if self._record.failure is not None:
                self.stop()
            await asyncio.sleep(LOOK_S)

    def _reply(self, *, accepted: bool, message: str = "") -> Reply:
        return Reply(accepted=accepted, pid=os.getpid(), message=message)


def outcome_of(runs: Sequence[Outcome]) -> Outcome:
    """How a session went by its runs; "skipped" is one that did not fit the machine, which some may but not all.

    Those that the judge did not need are none of them.
    """
    if "failed" in runs or set(runs) == {"skipped"}:
        return "failed"
    return "interrupted" if "interrupted" in runs else "done"


def _hello(plan: Plan, folder: WorkingFolder) -> Hello:
    return Hello(
        role="conductor",
        pid=os.getpid(),
        host=socket.gethostname(),
        monotonic_ns=time.monotonic_ns(),
        wall_ns=time.time_ns(),
        fingerprint=Fingerprint(
            packages={"benchtop": plan.benchtop} if plan.benchtop else {},
            git_commit=folder.commit,
            git_changes=folder.changes,
        ),
    )
