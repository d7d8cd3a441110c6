"""A session that is over, watched at any of its instants: it is played, paused, and jumped about in.

A session that fits into memory is kept on a tape; where sums give its end sooner, the tape is read behind that. Of a
larger one a stretch is kept, and an instant elsewhere is asked of a replay that begins near it. Looking is bounded in
time and never waits for that: as long as an instant is not there, the picture stays what it was.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from app.session.live.view import EMPTY, View
from app.session.plain import plain
from app.session.playing.instants import told_ns
from app.session.playing.outline import Outline, Outliner
from app.session.playing.playback import Playback, at_end
from app.session.playing.played import played_at
from app.session.playing.tape import AHEAD_NS, Tape
from app.session.playing.ways import Courses
from app.session.results.titles import titles
from app.session.shelf.removal import looked_at
from app.session.sources.control import ask
from app.session.sources.following import Following
from app.session.sources.replaying import REPLAY_COMMAND, Replay
from app.session.sources.source import source_notices
from app.session.sources.watch import OVER
from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, Reply

LARGE_TABLE_BYTES: Final = 24 << 20
"""Of a session with larger tables only a stretch is read at once: they hold some two million samples."""
MOST_BYTES: Final = 128 << 20
"""Of frames in memory."""
LEAD_NS: Final = 5_000_000_000
"""A stretch begins so long before the instant that it is read for, so that small steps back are there."""
FAR_NS: Final = 600_000_000_000
"""What lies further ahead is not read up to: a replay begins there."""


class Player:
    """One session, finished, or with a journal that could not be made one. `close` it."""

    live = False

    def __init__(
        self,
        folder: SessionFolder,
        clock: Callable[[], int] = time.monotonic_ns,
        replay: Sequence[str] = REPLAY_COMMAND,
    ) -> None:
        """Raises ValueError for a folder that cannot be read, OSError when a process cannot be started."""
        self.folder = folder
        self.playback: Playback | None = None
        """Where one is to be; None until all has been read once."""
        self._clock = clock
        self._replay = replay
        manifest = folder.read_manifest() if folder.manifest.is_file() else None
        self._plan = folder.read_plan() if manifest is None else manifest.plan
        self._outcome = None if manifest is None else manifest.outcome
        """How it ended, also where what stands before its end cannot be read."""
        self._looked_at = contextlib.ExitStack()
        self._looked_at.enter_context(looked_at(folder))
        self._length_ns = 0 if manifest is None else manifest.ended_ns - manifest.started_ns
        self._table_bytes, self._bytes = _sizes(folder)
        self._outliner = Outliner(titles(self._plan.runs))
        self.courses = Courses()
        """What its runs did when; all of it once `playback` is there."""
        self._tape = Tape(self._plan)
        self._source: Following | Replay = Following(folder)
        self._coming: tuple[Tape, Replay] | None = None
        """All of a session whose end came in sums, as far as it has been read."""
        if manifest is not None:
            summed = self._is_large or folder.rollups.is_file()
            self._source = self._replayed(manifest.last_ns if summed else None)
        self._goal_ns = 0
        self._of: Playback | None = None
        """What the goal was taken from."""
        self._reached = True
        self._shown = EMPTY

    @property
    def outline(self) -> Outline:
        """What stands on the bar."""
        return self._outliner.view()

    def step_ns(self, by: int) -> int | None:
        """Where the next step or request of the present run ended, or the one before; None: there is none."""
        shown = self._shown
        if shown.current is None or self.playback is None:
            return None
        return self._tape.step(self.playback.now(self._clock()), by, shown.current.run)

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        """How things stood at the instant where one is; `now_ns` is the viewer's clock. Raises UnknownVersion."""
        spent = self._deadline(budget_s)
        if self.playback is None:
            return self._first_look(spent)
        if self._reached or self.playback != self._of:
            self._goal_ns, self._of = self.playback.now(now_ns), self.playback
        self._reached = self._reach(self._goal_ns, spent)
        if self._reached and self._shown.now_ns != self._goal_ns:
            self._shown = self._seen(self._goal_ns)
        return self._with_played(self._shown, self.playback, now_ns)

    def look_back(self) -> View:
        """The instant that was looked at last, with the courses of all of the session up to it."""
        return self._completed(self._tape.session.view(self._shown.now_ns, whole=True))

    def command(self, command: AnyCommand) -> Reply:
        """Raises ConductorGone: nobody is there."""
        return ask(self.folder, command)

    def close(self) -> None:
        """Leave nothing behind, no process and no open file."""
        self._looked_at.close()
        self._source.close()
        if self._coming is not None:
            self._coming[1].close()

    def _first_look(self, spent: Callable[[], bool]) -> View:
        """Read on; all that has been read is shown, and its end once it is there."""
        behind = not (
            self._read(self._tape, self._source, None, spent) and self._tape.seek(self._tape.newest_ns, spent)
        )
        session = self._tape.session
        if behind:
            return replace(self._completed(session.view(session.newest_ns)), catching_up=self._fraction())
        began_ns = session.newest_ns if session.began_ns is None else session.began_ns
        self.playback = self._of = at_end(began_ns, session.newest_ns)
        self._goal_ns = self.playback.ended_ns
        self._shown = self._seen(self._goal_ns)
        if self._tape.oldest_ns and not self._is_large:
            self._coming = Tape(self._plan), Replay((*self._replay, str(self.folder.path)))
        return self._with_played(self._shown, self.playback, self._clock())

    def _seen(self, at_ns: int) -> View:
        """The instant that the tape stands at."""
        assert self.playback is not None
        untold = at_ns >= self.playback.ended_ns and self._tape.session.state not in OVER
        view = self._completed(self._tape.session.view(at_ns, lost=untold and self._outcome is None))
        if untold and self._outcome in OVER:
            return replace(view, state=self._outcome)
        return view

    def _reach(self, goal_ns: int, spent: Callable[[], bool]) -> bool:
        """Bring the instant onto the tape, and the tape to it → whether it is there."""
        tape = self._tape
        # Before the stretch come sums of long ago: how far the tape has come says nothing yet.
        far = self._is_large and not self._source.at_end and goal_ns > max(tape.newest_ns, tape.oldest_ns) + FAR_NS
        if goal_ns < tape.oldest_ns or far:
            self._begin_elsewhere(goal_ns)
        there = self._read(self._tape, self._source, goal_ns, spent) and self._tape.seek(goal_ns, spent)
        if there and self._coming is not None and self._read(*self._coming, None, spent):
            self._take_what_came()
            there = self._tape.seek(goal_ns, spent)
        return there

    def _read(self, tape: Tape, source: Following | Replay, until_ns: int | None, spent: Callable[[], bool]) -> bool:
        """Take in frames up to what was told after an instant; None: all → whether that is there."""
        while until_ns is None or tape.newest_ns < until_ns + AHEAD_NS:
            frames = next(source.slices(), None)
            if frames is None:
                return source.at_end or (isinstance(source, Following) and not source.waits_for_parts)
            for frame in frames:
                tape.add(frame)
                if self.playback is None:
                    self._outliner.take(frame)
                    self.courses.take(frame, told_ns(frame))
            tape.seek(tape.newest_ns if until_ns is None else min(tape.newest_ns, until_ns), spent)
            if self._is_large and tape.bytes > MOST_BYTES:
                tape.forget_before(tape.newest_ns - LEAD_NS)
            if spent():
                break
        return source.at_end or (until_ns is not None and tape.newest_ns >= until_ns + AHEAD_NS)

    def _begin_elsewhere(self, at_ns: int) -> None:
        """Read from near an instant on; of a session that fits into memory, all of it."""
        if self._coming is not None:
            self._take_what_came()
            return
        self._source.close()
        self._tape = Tape(self._plan)
        self._source = self._replayed(at_ns - LEAD_NS)

    def _take_what_came(self) -> None:
        assert self._coming is not None
        self._source.close()
        (self._tape, self._source), self._coming = self._coming, None

    def _replayed(self, from_ns: int | None) -> Replay:
        """The session for the tape, from an instant on: what lies before it may come in sums."""
        if from_ns is None:
            return Replay((*self._replay, str(self.folder.path)))
        self._tape.oldest_ns = from_ns
        return Replay((*self._replay, str(self.folder.path), f"--from-ns={from_ns}"))

    @property
    def _is_large(self) -> bool:
        return self._table_bytes > LARGE_TABLE_BYTES

    def _deadline(self, budget_s: float) -> Callable[[], bool]:
        until_ns = self._clock() + round(budget_s * 1e9)
        return lambda: self._clock() >= until_ns

    def _fraction(self) -> float:
        """How much was read: of a journal by its bytes, of a finished session by its time."""
        if isinstance(self._source, Following) and not self._source.waits_for_parts:
            return self._source.read_fraction
        began_ns = self._tape.session.began_ns
        if began_ns is None or not self._length_ns:
            return 0.0
        return max(0.0, min(1.0, (self._tape.session.newest_ns - began_ns) / self._length_ns))

    def _completed(self, view: View) -> View:
        """With what is known of folder and source."""
        said = source_notices(self._source)
        if view.state == "lost":
            said.append(f"the conductor is gone; `benchtop show {self.folder.name}` recovers what was written")
        return replace(view, name=plain(self.folder.name), saved_bytes=self._bytes, notices=(*said, *view.notices))

    def _with_played(self, view: View, playback: Playback, now_ns: int) -> View:
        played = played_at(self._goal_ns, playback, now_ns, self.outline, seeking=not self._reached)
        if view.played != played:
            view = self._shown = replace(view, played=played)
        return view


def _sizes(folder: SessionFolder) -> tuple[int, int]:
    """Bytes of its tables, and of all of it."""
    with contextlib.suppress(OSError):
        tables = [path for path in folder.path.glob("*.parquet") if path != folder.rollups]
        return sum(path.stat().st_size for path in tables), folder.size_bytes()
    return 0, 0
