"""The frames of a session that is not finished: segment after segment, up to the end of the journal that grows.

What is in parts already comes from a process, since a viewer never reads tables: the past of a session that it comes
to late, and what was closed, rolled and removed before it was read. No frame is left out and none comes twice, for a
segment is known by its number, and its number by the names in the folder.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Final

from app.session.planning.plan import MODULE_COMMAND
from app.session.sources.replaying import Replay
from app.session.sources.source import GrowingJournal
from app.session.store.folder import SessionFolder
from app.session.store.part import read_part
from app.session.store.segments import closed_path, marker_path, rolled_segments
from workloads.wire.frames import AnyFrame

CATCH_UP_COMMAND: Final = (*MODULE_COMMAND, "app.analysis.replay.catch_up")


class Following:
    """A source, as `app.session.sources.source` says."""

    def __init__(self, folder: SessionFolder, catch_up: Sequence[str] = CATCH_UP_COMMAND) -> None:
        self._folder = folder
        self._command = catch_up
        self._next = 1
        """The segment that is being read, or is read next."""
        self._file: GrowingJournal | None = None
        self._parts: Replay | None = None
        self._last: int | None = None
        """The last of the parts that are being read; None: all there will ever be."""
        self._over = False
        self._left_out: list[str] = []
        self.damage = ""
        self.until_ns: int | None = None
        """The instant up to which parts are being read; None: none are."""

    @property
    def untouched(self) -> bool:
        """Whether nothing was there to read so far."""
        return self._next == 1 and self._file is None and self._parts is None and not self._over and not self.damage

    @property
    def left_out(self) -> str:
        """As the protocol says."""
        return "; ".join(filter(None, (*self._left_out, "" if self._file is None else self._file.left_out)))

    def slices(self) -> Iterator[list[AnyFrame]]:
        """As the protocol says."""
        while not self.damage and self._open():
            if self._parts is not None:
                yield from self._parts.slices()
                if not self._parts.at_end:
                    return
                self._end_parts(self._parts)
            elif self._file is not None:
                yield from self._file.slices()
                self.damage = self._file.damage
                if self.damage or not self._is_closed(self._file):
                    return
                yield from self._file.slices()  # what was written after the last reading and before it was closed
                yield self._file.rest()
                self._end_file(self._file)

    @property
    def at_end(self) -> bool:
        """As the protocol says; of a journal that is not there, all has been read."""
        return bool(self.damage) or (self._parts is None and (self._file is None or self._file.at_end))

    @property
    def waits_for_parts(self) -> bool:
        """Whether more comes from a process than has come yet."""
        return self._parts is not None

    @property
    def read_fraction(self) -> float:
        """How much was read of the file that is being read, 0 to 1."""
        return 0.0 if self._file is None else self._file.read_fraction

    def close(self) -> None:
        """As the protocol says."""
        for source in (self._file, self._parts):
            if source is not None:
                source.close()

    def _open(self) -> bool:
        """Go on with what comes next, if it is there → whether there is anything to read."""
        if self._file is None and self._parts is None and not self._over:
            self._begin_next()
        return self._file is not None or self._parts is not None

    def _begin_next(self) -> None:
        if self._open_file(closed_path(self._folder, self._next)):
            return
        newest = max(rolled_segments(self._folder), default=0)
        finished = self._folder.manifest.is_file()
        if newest >= self._next or (finished and self._next > 1):
            self._begin_parts(None if finished else newest)
        elif self._open_file(self._folder.journal) and self._has_closed():
            # Closed between the look at names and the opening of the file, which may be the one after it.
            self._close_file()
            self._begin_next()

    def _open_file(self, path: os.PathLike[str]) -> bool:
        file = GrowingJournal(path)
        if file.missing:
            return False
        self._file = file
        return True

    def _has_closed(self) -> bool:
        """Whether the segment of this number is written no more."""
        return closed_path(self._folder, self._next).exists() or marker_path(self._folder, self._next).exists()

    def _is_closed(self, file: GrowingJournal) -> bool:
        with contextlib.suppress(OSError):
            if os.path.samestat(self._folder.journal.stat(), file.stat()):
                return False
        return self._has_closed()

    def _end_file(self, file: GrowingJournal) -> None:
        if file.left_out:
            self._left_out.append(file.left_out)
        self._close_file()
        self._next += 1

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _begin_parts(self, last: int | None) -> None:
        up_to = () if last is None else ("--last", str(last))
        self._last = last
        try:
            if last is not None:
                self.until_ns = read_part(self._folder, last).last_ns
            self._parts = Replay((*self._command, str(self._folder.path), "--first", str(self._next), *up_to))
        except (OSError, ValueError) as error:
            self.damage = str(error)

    def _end_parts(self, parts: Replay) -> None:
        self.damage = parts.damage
        parts.close()
        self._parts = self.until_ns = None
        if self._last is None:
            self._over = True
        else:
            self._next = self._last + 1
