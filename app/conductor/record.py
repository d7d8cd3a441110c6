"""The record: the conductor's one way to the journal.

Frames of the children go in as they came; the conductor's own are encoded here. A journal that has
grown large is closed, and the next one begun; see `app.session.store.segments`. One that can take no more raises
`RecordClosed` once, everywhere, and holds room back to say why in its last frames.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from app.conductor.faults import failure_of_disk
from app.conductor.room import Left, Room, failure_of_room, needed_bytes, segment_bytes_of
from app.conductor.syncing import Syncing
from app.session.store import segments
from app.session.store.folder import RESERVE, SessionFolder
from app.session.store.journal import JournalWriter
from workloads.wire.frames import AnyFrame, Failure
from workloads.wire.framing import frame_bytes

LOOK_BYTES = 4 << 20
"""It is looked how much is left whenever so much was written; more often when that is not much."""

RESERVE_BYTES = 1 << 20
"""Kept free for the last frames, the manifest and the tables of a session that fills its disk."""


class RecordClosed(Exception):
    """Nothing more can be written; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Record:
    """An open journal with a reserve. Raises OSError when it cannot be made."""

    def __init__(
        self,
        folder: SessionFolder,
        clock: Callable[[], int] = time.monotonic_ns,
        segment_bytes: int | None = None,
        max_bytes: int | None = None,
    ) -> None:
        """`segment_bytes`: when a segment is closed; None: at SEGMENT_BYTES. `max_bytes`: what the folder may take."""
        self._folder = folder
        self._clock = clock
        self._reserve = folder.path / RESERVE
        _allocate(self._reserve, RESERVE_BYTES)
        self._journal = JournalWriter(folder.journal)
        self._segment_bytes = segment_bytes_of(max_bytes) if segment_bytes is None else segment_bytes
        self._room = Room(folder, max_bytes, RESERVE_BYTES)
        self._unlooked = 0
        """Bytes until it is looked how much is left."""
        self._full_bytes = self._segment_bytes
        self._syncing = Syncing(folder, self._journal)
        self.closed = 0
        """Segments that were closed."""
        self.on_closed: Callable[[], None] = lambda: None
        """Called when one was."""
        self.failure: Failure | None = None
        """Why it takes no more, once it does not."""

    def now(self) -> int:
        """The clock of every frame, nanoseconds."""
        return self._clock()

    def put(self, frame: AnyFrame) -> None:
        """Append one frame of the conductor's own. Raises RecordClosed."""
        self.put_bytes(frame_bytes(frame))

    def put_bytes(self, frames: bytes) -> None:
        """Append the bytes of whole frames. Raises RecordClosed."""
        if self.failure is None and self._syncing.failure is not None:
            self.failure = failure_of_disk(self._syncing.failure, self._folder.path, at_ns=self.now())
        if self.failure is not None:
            raise RecordClosed(self.failure)
        self._unlooked -= len(frames)
        if self._unlooked < 0:
            self.look()
        if self.failure is not None:
            raise RecordClosed(self.failure)
        try:
            self._journal.append(frames)
        except OSError as error:
            self.failure = failure_of_disk(error, self._folder.path, at_ns=self.now())
            raise RecordClosed(self.failure) from error
        if self._journal.size >= self._full_bytes:
            self._close_segment()

    def look(self) -> Left | None:
        """How much is left; where that is no more than saving takes, it takes nothing more. None: nobody knows."""
        try:
            left = self._room.left()
        except OSError:
            self._unlooked = LOOK_BYTES
            return None
        over = left.size - needed_bytes(self._journal.size, self._segment_bytes, self.closed)
        if over <= 0 and self.failure is None:
            self.failure = failure_of_room(left, self._folder, self._room.max_bytes, at_ns=self.now())
        self._unlooked = min(LOOK_BYTES, max(0, over // 2))
        return left

    def sync(self) -> None:
        """Bring what is new onto the disk; blocks, so it is called in a thread."""
        self._syncing.sync()

    def close(self, *last: AnyFrame) -> None:
        """Append the last frames, from the reserve where the disk is full, and give the file back."""
        self._reserve.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            for frame in (*(() if self.failure is None else (self.failure,)), *last):
                self._journal.append(frame_bytes(frame))
        self._syncing.sync()
        with contextlib.suppress(OSError):
            self._journal.sync()  # also on a disk that has failed before: it may take the last frames all the same
        self._journal.close()

    def _close_segment(self) -> None:
        """The journal becomes a closed segment, and a new one is begun. Where that fails, it goes on as it is.

        Frames are in one of the two files at every instant, and each file is under a name that readers know.
        """
        journal, closed = self._folder.journal, segments.closed_path(self._folder, self.closed + 1)
        draft = self._folder.path / f"{journal.name}.part"
        new: JournalWriter | None = None
        try:
            draft.unlink(missing_ok=True)
            new = JournalWriter(draft)
            journal.rename(closed)
            try:
                draft.rename(journal)
            except OSError:
                closed.rename(journal)
                raise
        except OSError:
            if new is not None:
                new.close()
            self._full_bytes = self._journal.size + self._segment_bytes // 8
            return
        self._journal = new
        self._full_bytes = self._segment_bytes
        self._syncing.go_on(new)
        self.closed += 1
        self.on_closed()


def _allocate(path: Path, size: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    finally:
        os.close(file)
