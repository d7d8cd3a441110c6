"""A session that is nothing but views, and a way to drive the real app over it without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from app.session.live.view import LogLine, RunView, SessionState, View
from app.session.sources.control import ConductorGone
from app.session.store.folder import SessionFolder
from app.ui.app import Ending, Viewer
from workloads.wire.commands import AnyCommand, Cost, Reply

RUNNING = View(
    name="20300102-030405-train-digits",
    now_ns=60_000_000_000,
    host="bench",
    state="running",
    started_ns=1_000_000_000,
    runs=(RunView(run=1, workload="train/digits", state="running"),),
    current=RunView(run=1, workload="train/digits", state="running", phase="measure", samples_per_s=1234.0),
    log=(LogLine(2_000_000_000, "info", "stdout", "hello from the workload", 1),),
)


class FakeWatch:
    """Shows the view it holds, and keeps the commands it is told."""

    def __init__(self, view: View = RUNNING, *, live: bool = True, folder: Path = Path("/nowhere/session")) -> None:
        self.view = view
        self.live = live
        self.folder = SessionFolder(folder)
        self.told: list[AnyCommand] = []
        self.looks = 0
        self.gone = False

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        self.looks += 1
        return self.view

    def look_back(self) -> View:
        return self.view

    def command(self, command: AnyCommand) -> Reply:
        if self.gone:
            raise ConductorGone("nobody answers")
        if not isinstance(command, Cost):  # comes by itself, now and then
            self.told.append(command)
        return Reply(accepted=True, pid=1)

    def becomes(self, **fields: Any) -> None:
        """The next look shows this."""
        self.view = replace(self.view, **fields)

    def ends(self, state: SessionState = "done") -> None:
        """The session is over."""
        self.live = False
        self.becomes(state=state)


Steps = Callable[[Viewer, Pilot[Any]], Awaitable[None]]


def drive(watch: FakeWatch, steps: Steps, size: tuple[int, int] = (140, 40)) -> Ending | None:
    """Run the real app without a terminal → what it ended with; None when it was still running."""

    async def run() -> Ending | None:
        viewer = Viewer(watch)
        async with viewer.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(viewer, pilot)
        return viewer.return_value

    return asyncio.run(run())
