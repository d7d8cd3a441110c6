"""Where a viewer's frames come from: a journal that grows, or a finished session through a pipe. They look alike.

A source never blocks and never waits; it gives what is there, in slices of bounded size.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from app.session.folder import SessionFolder
from app.session.plan import MODULE_COMMAND
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import DamagedStream, FrameReader

SLICE_BYTES = 1 << 18


class Source(Protocol):
    """Frames of one session, in the order in which they were written."""

    damage: str
    """What could not be read, and was the end of it; empty as long as all is well."""

    def slices(self) -> Iterator[list[AnyFrame]]:
        """What is new, slice by slice, until nothing more is there. Raises UnknownVersion."""

    @property
    def read_fraction(self) -> float | None:
        """How much of what exists was read, 0 to 1; None where that cannot be known."""

    @property
    def at_end(self) -> bool:
        """Whether all that ever was written, or is there now, has been read."""

    def close(self) -> None:
        """Give everything back; no process is left."""


class GrowingJournal:
    """A journal that a conductor writes. It may not be there yet, and it may be removed once it is open."""

    def __init__(self, folder: SessionFolder) -> None:
        self._path = folder.journal
        self._file: BinaryIO | None = None
        self._reader = FrameReader()
        self.read_bytes = 0
        self.damage = ""

    def slices(self) -> Iterator[list[AnyFrame]]:
        """As the protocol says."""
        if self._file is None and not self._open():
            return
        assert self._file is not None
        while not self.damage and (data := self._file.read(SLICE_BYTES)):
            self.read_bytes += len(data)
            yield self._frames(data)

    def _frames(self, data: bytes) -> list[AnyFrame]:
        frames: list[AnyFrame] = []
        try:
            frames.extend(self._reader.feed(data))
        except DamagedStream as damage:
            self.damage = str(damage)
        return frames

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            return False
        return True

    @property
    def missing(self) -> bool:
        """Whether there is no such file, now or yet."""
        return self._file is None and not self._open()

    @property
    def size_bytes(self) -> int:
        """Bytes of the journal now."""
        return 0 if self._file is None else os.fstat(self._file.fileno()).st_size

    @property
    def read_fraction(self) -> float | None:
        """As the protocol says."""
        size = self.size_bytes
        return self.read_bytes / size if size else None

    @property
    def at_end(self) -> bool:
        """As the protocol says."""
        return bool(self.damage) or (self._file is not None and self.read_bytes >= self.size_bytes)

    def close(self) -> None:
        """As the protocol says."""
        if self._file is not None:
            self._file.close()


class Replay:
    """A finished session: a process reads its tables and gives their frames on a pipe."""

    def __init__(self, folder: SessionFolder) -> None:
        self._process = subprocess.Popen(
            (*MODULE_COMMAND, "app.analysis.replay", str(folder.path)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        self._reader = FrameReader()
        self._ended = False
        self.damage = ""

    def slices(self) -> Iterator[list[AnyFrame]]:
        """As the protocol says."""
        while not self._ended:
            try:
                data = os.read(self._pipe, SLICE_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._end()
                return
            yield self._frames(data)

    def _frames(self, data: bytes) -> list[AnyFrame]:
        frames: list[AnyFrame] = []
        try:
            frames.extend(self._reader.feed(data))
        except DamagedStream as damage:
            self.damage = str(damage)
            self._ended = True
        return frames

    def _end(self) -> None:
        self._ended = True
        _, words = self._process.communicate()
        if self._process.returncode:
            lines = words.decode(errors="replace").strip().splitlines()
            self.damage = lines[-1] if lines else f"replay ended with status {self._process.returncode}"

    @property
    def read_fraction(self) -> float | None:
        """As the protocol says."""
        return None

    @property
    def at_end(self) -> bool:
        """As the protocol says."""
        return self._ended

    def close(self) -> None:
        """As the protocol says."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
