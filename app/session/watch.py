"""The viewer's one object: looks at a session, live or finished, and passes commands to its conductor.

Looking never blocks and is bounded in time, so that a screen over a journal of gigabytes stays alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec.structs import replace

from app.session.control import ConductorGone, ask
from app.session.folder import SessionFolder
from app.session.live import LiveSession
from app.session.lock import is_locked
from app.session.source import GrowingJournal, Replay, Source
from app.session.view import View
from workloads.wire.commands import AnyCommand, Reply

__all__ = ["ConductorGone", "Watch"]

ASK_NS = 500_000_000
"""How often it is asked whether the conductor lives."""


class Watch:
    """One session. Make it with `follow` or `open`, and `close` it."""

    def __init__(self, folder: SessionFolder, source: Source, *, live: bool, clock: Callable[[], int]) -> None:
        self.folder = folder
        self._source = source
        self._session = LiveSession(folder.read_plan())
        self._clock = clock
        self._live = live
        self._asked_ns = clock()
        self._behind = True

    @classmethod
    def follow(cls, folder: SessionFolder, clock: Callable[[], int] = time.monotonic_ns) -> Watch:
        """A session that runs or has just been started. Raises ValueError for a folder without a plan."""
        return cls(folder, GrowingJournal(folder), live=True, clock=clock)

    @classmethod
    def open(cls, folder: SessionFolder, clock: Callable[[], int] = time.monotonic_ns) -> Watch:
        """A session that is over; one that could not be finished is read from its journal. Raises ValueError."""
        source = Replay(folder) if folder.manifest.is_file() else GrowingJournal(folder)
        return cls(folder, source, live=False, clock=clock)

    @property
    def live(self) -> bool:
        """Whether a conductor is there: the session goes on, or is just being saved."""
        now = self._clock()
        if self._live and now - self._asked_ns > ASK_NS:
            self._asked_ns = now
            self._live = is_locked(self.folder)
        return self._live

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        """Take in what is new, for no longer than the budget, and show how things stand.

        `now_ns` is the host's monotonic clock; of a session that is over the view is of its last instant.
        Raises UnknownVersion for a session of another version of the wire.
        """
        live = self.live
        began = self._clock()
        self._behind = False
        if isinstance(self._source, GrowingJournal) and self._source.missing and self.folder.manifest.is_file():
            # It was finished, and its journal removed, between the asking and the opening.
            self._source = Replay(self.folder)
        for frames in self._source.slices():
            for frame in frames:
                self._session.feed(frame)
            if self._clock() - began > budget_s * 1e9:
                self._behind = not self._source.at_end
                break
        over = self._session.state not in ("starting", "running")
        view = self._session.view(self._session.newest_ns if over or not live else now_ns)
        return replace(
            view,
            name=self.folder.name,
            state="lost" if not live and not over and self._source.at_end else view.state,
            saved_bytes=self._saved_bytes(),
            catching_up=self._source.read_fraction if self._behind else None,
            notices=(*self._notices(live=live, over=over), *view.notices),
        )

    def command(self, command: AnyCommand) -> Reply:
        """Tell the conductor something. Raises ConductorGone when nobody answers."""
        return ask(self.folder, command)

    def close(self) -> None:
        """Leave nothing behind."""
        self._source.close()

    def _notices(self, *, live: bool, over: bool) -> list[str]:
        notices = []
        if self._source.damage:
            notices.append(f"the rest of this session cannot be read: {self._source.damage}")
        if not live and not over and self._source.at_end:
            notices.append(f"the conductor is gone; `benchtop show {self.folder.name}` recovers what was written")
        return notices

    def _saved_bytes(self) -> int:
        if isinstance(self._source, GrowingJournal) and self._source.size_bytes:
            return self._source.size_bytes
        return self.folder.size_bytes()
