"""One run: a worker, or on several hosts one process each, whose frames are passed on; and how it ended.

A run of several hosts is one: it is done when all are, a host that fails ends the others, and its message
is the run's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from app.conductor.payloads import without
from app.conductor.post import Post
from app.conductor.record import Record, RecordClosed
from app.conductor.refusing import why_refused
from app.conductor.sampling import Sampling
from app.session.planning.plan import Plan, PlannedRun
from app.session.planning.via import folder_there, worker_places
from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, PassSignal, Start
from workloads.wire.frames import AnyFrame, Done, Failure, Log, Outcome, Phase, PhaseName, RunStarted, Value

MEASURING: Final[frozenset[PhaseName | None]] = frozenset({"measure", "experiment", "profile", "evaluate"})
"""Phases in which a worker obeys what is asked of a run that goes on; an evaluation is between two of measuring."""

WORST: Final[tuple[Outcome, ...]] = ("failed", "interrupted", "skipped", "done")


class Run:
    """One run of the plan. `run()` once; `stop()` and `end()` from elsewhere while it lasts."""

    def __init__(
        self,
        planned: PlannedRun,
        plan: Plan,
        folder: SessionFolder,
        record: Record,
        samplings: Sequence[Sampling],
        *,
        done: Collection[int] = (),
        streams: Sequence[int] = (),
        told: Callable[[list[AnyFrame]], None] | None = None,
    ) -> None:
        """`samplings`: one on each host; `done`: the runs of the plan that were done so far; `told` gets all frames.

        `streams`: stdin, stdout and stderr of whoever started the session, for a command of the user's.
        """
        self._streams = tuple(streams) if planned.command else ()
        self._planned = planned
        self._plan = plan
        self._folder = folder
        self._record = record
        self._done = done
        self._told = told
        self._phase: PhaseName | None = None
        self._started: RunStarted | None = None
        self._failed: Post | None = None
        """The first that failed; what the others say then is no cause."""
        self._posts = [
            Post(place, planned.run, record, sampling, self._take, inherited=self._streams)
            for place, sampling in zip(worker_places(plan, planned), samplings, strict=True)
        ]

    async def run(self) -> Outcome:
        """Start the worker and wait until it is gone → how the run went. Raises RecordClosed."""
        start = self._start()
        await asyncio.gather(*(self._man(post, start) for post in self._posts))
        if self._record.failure is not None:
            raise RecordClosed(self._record.failure)
        outcome = next(outcome for outcome in WORST if outcome in {post.outcome for post in self._posts})
        now = self._record.now()
        if outcome == "interrupted" and any(post.done is None for post in self._posts):
            text = "the worker was ended on request"
            self._record.put(Log(run=self._planned.run, at_ns=now, level="warning", text=text))
        if self._several or self._posts[0].done is None:
            dropped = sum(post.done.dropped for post in self._posts if post.done is not None)
            reason = next((post.done.reason for post in self._posts if post.done and post.done.reason), "")
            reason = reason if outcome == "skipped" else ""
            self._record.put(Done(run=self._planned.run, at_ns=now, outcome=outcome, dropped=dropped, reason=reason))
        return outcome

    def stop(self, *, terminate: bool = False) -> None:
        """Ask the worker to end soon, and to say Done."""
        for post in self._posts:
            post.stop(terminate=terminate)

    def end(self) -> None:
        """Kill the worker now, because a person asked for it."""
        for post in self._posts:
            post.end()

    def tell(self, command: AnyCommand) -> str:
        """Pass a command on to the worker → why it is not passed on, in a line; empty where it is."""
        if self._phase not in MEASURING:
            return "the run has not begun to measure" if self._phase in (None, "warmup") else "the run measures no more"
        refusal = why_refused(command, self._started)
        if not refusal:
            for post in self._posts:
                post.tell(command)
        return refusal

    def pass_on(self, command: PassSignal) -> None:
        """Give the worker a signal that came for its command."""
        for post in self._posts:
            post.tell(command)

    @property
    def _several(self) -> bool:
        return len(self._posts) > 1

    async def _man(self, post: Post, start: Start) -> None:
        """One post to its end."""
        await post.run(start)
        if post.failure is not None and self._failed in (None, post):
            with contextlib.suppress(RecordClosed):
                self._record.put(post.failure)
        if post.outcome == "failed":
            self._fail(post)

    def _fail(self, failed: Post) -> None:
        """One has failed: the others wait for it in vain."""
        if self._failed is None:
            self._failed = failed
            for post in self._posts:
                if post is not failed:
                    post.end()

    def _take(self, post: Post, data: bytes, frames: list[AnyFrame]) -> None:
        if self._several:
            # Done is said once, for all of them.
            unsaid = (Done,) if self._failed in (None, post) else (Done, Failure)
            data = without(unsaid, data, frames)
        try:
            self._record.put_bytes(data)
        except RecordClosed:
            self.stop()
            return
        if self._told is not None:
            self._told(frames)
        for frame in frames:
            if isinstance(frame, Phase) and not frame.rank:
                self._phase = frame.phase
            elif isinstance(frame, RunStarted) and not frame.rank:
                self._started = frame
        if any(isinstance(frame, Failure) for frame in frames):
            self._fail(post)

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
            working_folder=planned.working_folder,
            streams=self._streams,
        )

    def _weights(self) -> dict[str, Value]:
        """An inference run without weights of its own gets those of the last training run of the same model."""
        if "weights" in self._planned.parameters:
            return {}
        trained = (run.run for run in reversed(self._plan.runs) if run.run < self._planned.run and self._serves(run))
        if self._plan.via:
            # Nobody here sees the files there; a training run that was done has left them.
            there = SessionFolder(Path(folder_there(self._folder.name)))
            return next(({"weights": str(there.weights(run))} for run in trained if run in self._done), {})
        found = next((path for run in trained if (path := self._folder.weights(run)).is_file()), None)
        return {} if found is None else {"weights": str(found)}

    def _serves(self, trained: PlannedRun) -> bool:
        """Whether it is to have the weights of that run."""
        if self._planned.variant:
            return trained.variant == self._planned.weights_of
        side, _, model = self._planned.workload.partition("/")
        return side == "infer" and trained.workload == f"train/{model}"
