"""The journal: every frame as it came, appended to one file while a session runs.

The writer puts down whole frames or nothing, so that a full disk costs the last frame and no other.
The reader gives every whole frame from the start of the file and then says what it could not read;
it never skips damage in the middle, since no frame behind it could be trusted to belong there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from app.session.manifest import Recovery
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import DamagedStream, FrameReader

CHUNK_BYTES = 1 << 20


class JournalWriter:
    """Appends bytes of whole frames to a file. Raises OSError, with the file cut back to its last whole frame."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = os.fstat(self._file).st_size
        """Bytes on disk."""

    def append(self, frames: bytes | bytearray | memoryview) -> None:
        """Write whole frames. One system call when the disk has room."""
        rest = memoryview(frames)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self.size += len(frames)

    def sync(self) -> None:
        """Return when what was appended survives a power cut."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)


class JournalReader:
    """Iterates over the whole frames of a journal; `recovery()` then says how the reading ended.

    Raises UnknownVersion for a journal of another version of the wire.
    """

    def __init__(self, path: Path, begin: int = 0) -> None:
        """`begin`: where an earlier reading ended; frames and bytes before it are neither read nor counted."""
        self._path = path
        self._begin = begin
        self._reader = FrameReader()
        self._frames = 0
        self._reason = ""
        self._size = 0

    def __iter__(self) -> Iterator[AnyFrame]:
        with self._path.open("rb") as file:
            self._size = os.fstat(file.fileno()).st_size - self._begin
            file.seek(self._begin)
            try:
                while chunk := file.read(CHUNK_BYTES):
                    for frame in self._reader.feed(chunk):
                        self._frames += 1
                        yield frame
            except DamagedStream as damage:
                self._reason = str(damage)

    @property
    def end(self) -> int:
        """The place behind the last whole frame that was read."""
        return self._begin + self._reader.splitter.offset

    @property
    def damaged(self) -> bool:
        """Whether the reading ended at bytes that are no frame; an unfinished frame at the end is no damage."""
        return bool(self._reason)

    @property
    def unknown(self) -> int:
        """Frames of a kind that this program does not know."""
        return self._reader.unknown

    def recovery(self) -> Recovery:
        """What was read so far, and what lies behind it unread."""
        lost = self._size - self._reader.splitter.offset
        reason = self._reason or (
            f"the last {lost} bytes are the start of a frame that was never finished" if lost else ""
        )
        return Recovery(frames=self._frames, lost_bytes=lost, reason=reason)
