"""What the screens need of a session that is watched. Plain data in, commands out; no processes, no frames."""

from __future__ import annotations

from typing import Protocol

from app.session.live.view import View
from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, Reply


class Watched(Protocol):
    """A session, wherever its frames come from; `app.session.sources.watch.Watch` is the real one."""

    folder: SessionFolder
    """Named when the session is saved, and where a traceback goes if a screen fails."""

    @property
    def live(self) -> bool:
        """Whether the session goes on: commands can be given, and quitting has to ask."""

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        """Take in what is new, for at most `budget_s`, and show how things stand."""

    def look_back(self) -> View:
        """The instant that was looked at last, with the courses of all of the session, in wider buckets."""

    def command(self, command: AnyCommand) -> Reply:
        """Tell the conductor. Raises `app.session.sources.control.ConductorGone` when nobody answers."""
