"""Between two runs of a session that repeats: asks the judge what to do with the next one.

The judge is a process of its own, since statistics need what a conductor never loads. It runs while nothing is
measured. One that fails or takes too long is a finding: the session goes on as it was planned.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Final

import msgspec

from app.conductor.child import end_with_parent
from app.conductor.record import Record
from app.conductor.via_faults import ended
from app.session.planning.plan import MODULE_COMMAND, Plan
from app.session.results.judgement import Judgement
from app.session.results.search import is_try
from app.session.store.folder import SessionFolder
from workloads.wire.frames import Estimate, Finding

JUDGE: Final = (*MODULE_COMMAND, "app.analysis.judging.judge")
PATIENCE_S: Final = 60.0
END: Final = 0
"""In the place of a run: the plan is at its end."""


class NoJudgement(Exception):
    """It failed, or took too long; one line says which."""


class Judging:
    """Asks, and records what the judge has to say."""

    def __init__(
        self,
        folder: SessionFolder,
        plan: Plan,
        record: Record,
        command: tuple[str, ...] = JUDGE,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._folder = folder
        self._record = record
        self._command = command
        self._patience_s = patience_s
        self._wanted = plan.until is not None or plan.search or any(run.repeat > 1 for run in plan.runs)
        self._tries = frozenset(run.run for run in plan.runs if is_try(plan, run))
        self._rest: str | None = None
        self._known: dict[tuple[int, str], Estimate] = {}
        self._memory = b""
        """What the judge wants to be told again."""
        self._process: asyncio.subprocess.Process | None = None

    async def before(self, run: int) -> Judgement:
        """What to do with the next run; nothing in particular, where nobody needs to ask. Raises RecordClosed."""
        if self._rest is not None and run != END:
            return Judgement(skip=self._rest)
        if not self._wanted:
            return Judgement()
        try:
            judgement = await self._ask(run)
        except NoJudgement as error:
            self._record.put(
                Finding(
                    at_ns=self._record.now(),
                    kind="judge-failed",
                    message=f"the {'tries' if run in self._tries else 'repeats'} so far could not be judged: {error}",
                    remedy=("the search ends" if run in self._tries else "the session goes on as it was planned")
                    + "; `benchtop show` computes everything again",
                )
            )
            return self._unjudged(run)
        self._memory = judgement.memory
        self._tell(judgement)
        self._rest = judgement.skip if judgement.rest else None
        return judgement

    def _unjudged(self, run: int) -> Judgement:
        """A repeat is measured all the same; a try has no rate."""
        if run in self._tries:
            self._rest = "its rate could not be decided"
        return Judgement(skip=self._rest)

    def stop(self) -> None:
        """The session ends: what the judge would say is not needed any more."""
        self._wanted = False
        self._kill()

    def _tell(self, judgement: Judgement) -> None:
        """Record what is new."""
        for estimate in judgement.estimates:
            key = (estimate.variant, estimate.metric)
            known = self._known.get(key)
            if known is None or msgspec.structs.replace(known, at_ns=estimate.at_ns) != estimate:
                self._known[key] = estimate
                self._record.put(estimate)
        for finding in judgement.findings:
            self._record.put(finding)

    async def _ask(self, run: int) -> Judgement:
        command = (*self._command, str(self._folder.path), str(run))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        except OSError as error:
            raise NoJudgement(f"{error.strerror}: {command[0]}") from error
        if not self._wanted:  # stopped while it was being started
            self._kill()
        try:
            said, complaint = await asyncio.wait_for(self._process.communicate(self._memory), self._patience_s)
        except TimeoutError:
            raise NoJudgement(f"it took longer than {self._patience_s:.0f} s") from None
        finally:
            self._kill()
            await self._process.wait()
        if self._process.returncode and not self._wanted:
            return Judgement()
        if self._process.returncode:
            words = complaint.decode(errors="replace").strip().splitlines()
            raise NoJudgement(words[-1] if words else f"it {ended(self._process.returncode)}")
        try:
            return msgspec.json.decode(said, type=Judgement)
        except msgspec.DecodeError as error:
            raise NoJudgement(f"it said something else ({error})") from error

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
