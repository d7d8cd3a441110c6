"""The viewer's one object: looks at a session, live or finished, and passes commands to its conductor.

Looking never blocks and is bounded in time, so that a screen over a journal of gigabytes stays alive.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.plain import plain
from app.session.planning.plan import Plan
from app.session.shelf.removal import looked_at
from app.session.sources.control import ConductorGone, ask
from app.session.sources.following import CATCH_UP_COMMAND, Following
from app.session.sources.replaying import REPLAY_COMMAND, Replay
from app.session.sources.source import source_notices
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from workloads.wire.commands import AnyCommand, Reply

__all__ = ["ConductorGone", "Watch"]

ASK_NS = 1_000_000_000
"""How often it is asked whether the conductor lives, and how large the session is."""

OVER = ("done", "failed", "interrupted")


class Watch:
    """One session. Make it with `follow` or `open`, and `close` it."""

    def __init__(
        self,
        folder: SessionFolder,
        plan: Plan,
        *,
        live: bool,
        clock: Callable[[], int] = time.monotonic_ns,
        replay: Sequence[str] = REPLAY_COMMAND,
        catch_up: Sequence[str] = CATCH_UP_COMMAND,
    ) -> None:
        self.folder = folder
        self._replay = replay
        self._session = LiveSession(plan)
        self._clock = clock
        self._live = live
        self._asked_ns = clock()
        self._length_ns: int | None = None
        self._saved_bytes: int | None = None
        self._saved_ns = 0
        self._looked_ns, self._lost = 0, False
        self._looked_at = contextlib.ExitStack()
        self._source: Following | Replay = Following(folder, catch_up)

    @classmethod
    def follow(
        cls,
        folder: SessionFolder,
        clock: Callable[[], int] = time.monotonic_ns,
        replay: Sequence[str] = REPLAY_COMMAND,
    ) -> Watch:
        """A session that runs or has just been started. Raises ValueError for a folder without a plan."""
        return cls(folder, folder.read_plan(), live=True, clock=clock, replay=replay)

    @classmethod
    def open(
        cls,
        folder: SessionFolder,
        clock: Callable[[], int] = time.monotonic_ns,
        replay: Sequence[str] = REPLAY_COMMAND,
    ) -> Watch:
        """A session that is over; one that could not be finished is read from its journal. Raises ValueError."""
        finished = folder.manifest.is_file()
        plan = folder.read_manifest().plan if finished else folder.read_plan()
        watch = cls(folder, plan, live=False, clock=clock, replay=replay)
        if finished:
            watch._start_replay()
        return watch

    @property
    def live(self) -> bool:
        """Whether a conductor is there: the session goes on, or is just being saved."""
        now = self._clock()
        if self._live and now - self._asked_ns >= ASK_NS:
            self._asked_ns = now
            self._live = is_locked(self.folder)
            if not self._live:
                # As long as it went on its conductor's lock kept it from being removed.
                self._looked_at.enter_context(looked_at(self.folder))
        return self._live

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        """Take in what is new, for no longer than the budget, and show how things stand.

        `now_ns` is the host's monotonic clock; of a session that is over, and of one whose past is still
        being read, the view is of the last instant that was read. Raises UnknownVersion, a ValueError, for a
        session of another version of the wire.
        """
        live = self.live  # asked before reading: when nobody writes any more, reading finds all there is
        behind = not self._read(budget_s)
        over = self._session.state in OVER
        self._lost = not (live or over or behind)
        self._looked_ns = now_ns if live and not over and not behind else self._session.newest_ns
        return self._completed(self._session.view(self._looked_ns, lost=self._lost), behind=behind)

    def look_back(self) -> View:
        """The instant that was looked at last, with the courses of all of the session."""
        return self._completed(self._session.view(self._looked_ns, lost=self._lost, whole=True), behind=False)

    def _completed(self, view: View, *, behind: bool) -> View:
        """With what is known of folder and source."""
        return replace(
            view,
            name=plain(self.folder.name),
            saved_bytes=self._size_bytes(),
            catching_up=self._read_fraction() if behind else None,
            notices=(*self._notices(lost=self._lost), *view.notices),
        )

    def command(self, command: AnyCommand) -> Reply:
        """Tell the conductor something. Raises ConductorGone when nobody answers."""
        return ask(self.folder, command)

    def close(self) -> None:
        """Leave nothing behind, no process and no open file."""
        self._looked_at.close()
        self._source.close()

    def _read(self, budget_s: float) -> bool:
        """Take in what is there → whether that was all."""
        began = self._clock()
        if isinstance(self._source, Following) and self._source.untouched and self.folder.manifest.is_file():
            # It was finished, and its journal removed, before it could be opened.
            self._start_replay()
        for frames in self._source.slices():
            for frame in frames:
                self._session.feed(frame)
            if self._clock() - began > budget_s * 1e9:
                return self._source.at_end
        return self._source.at_end or (isinstance(self._source, Following) and not self._source.waits_for_parts)

    def _start_replay(self) -> None:
        """Raises ValueError for a manifest that cannot be read."""
        manifest = self.folder.read_manifest()
        self._length_ns = manifest.ended_ns - manifest.started_ns
        # Of a large session it gives sums of what was long before its end.
        self._source = Replay((*self._replay, str(self.folder.path), f"--from-ns={manifest.last_ns}"))

    def _read_fraction(self) -> float:
        """Of a journal by its bytes, of a finished session by its time."""
        if isinstance(self._source, Following) and not self._source.waits_for_parts:
            return self._source.read_fraction
        began_ns, length_ns = self._session.began_ns, self._length_ns
        if began_ns is not None and isinstance(self._source, Following) and self._source.until_ns is not None:
            length_ns = self._source.until_ns - began_ns
        if began_ns is None or not length_ns:
            return 0.0
        return max(0.0, min(1.0, (self._session.newest_ns - began_ns) / length_ns))

    def _notices(self, *, lost: bool) -> list[str]:
        notices = source_notices(self._source)
        if lost:
            notices.append(f"the conductor is gone; `benchtop show {self.folder.name}` recovers what was written")
        return notices

    def _size_bytes(self) -> int:
        """Of all that is in the folder; not looked for at every look."""
        now = self._clock()
        if self._saved_bytes is None or now - self._saved_ns >= ASK_NS:
            self._saved_ns = now
            with contextlib.suppress(OSError):  # the folder may be removed while it is looked at
                self._saved_bytes = self.folder.size_bytes()
        return self._saved_bytes or 0
