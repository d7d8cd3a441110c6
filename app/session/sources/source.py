"""Where a viewer's frames come from: a journal that grows, or a finished session through a pipe. They look alike.

A source never blocks and never waits; it gives what is there, in slices of bounded size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from app.session.store.journal import damage_text
from app.session.store.sound import SoundFrames
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import DamagedStream, FrameReader

SLICE_BYTES = 1 << 18


class Source(Protocol):
    """Frames of one session, in the order in which they were written."""

    @property
    def damage(self) -> str:
        """What could not be read, and was the end of it; empty as long as all is well."""

    @property
    def left_out(self) -> str:
        """What could not be read, and was left out; empty as long as all is well."""

    def slices(self) -> Iterator[list[AnyFrame]]:
        """What is new, slice by slice, until nothing more is there. Raises UnknownVersion."""

    @property
    def at_end(self) -> bool:
        """Whether all that was written by now has been read."""

    def close(self) -> None:
        """Give everything back; no process is left."""


def source_notices(source: Source) -> list[str]:
    """What a person must know of it, a line each."""
    said = (
        ("the rest of this session cannot be read", source.damage),
        ("a part of this session cannot be read", source.left_out),
    )
    return [f"{what}: {why}" for what, why in said if why]


class Slicer:
    """Bytes of a stream → frames, up to the first damage."""

    def __init__(self) -> None:
        self._reader = FrameReader()
        self.damage = ""

    def frames(self, data: bytes) -> list[AnyFrame]:
        """The frames that these bytes complete. Raises UnknownVersion."""
        frames: list[AnyFrame] = []
        try:
            frames.extend(self._reader.feed(data))
        except DamagedStream as damage:
            self.damage = str(damage)
        return frames


class GrowingJournal:
    """One file that a conductor writes. It may not be there yet, and it may be renamed or removed once it is open."""

    def __init__(self, path: os.PathLike[str]) -> None:
        self._path = Path(path)
        self._file: BinaryIO | None = None
        self._sound = SoundFrames()
        self._read_bytes = 0
        self._cut_bytes = 0
        """Of a frame at the end that nobody will finish."""
        self.damage = ""

    @property
    def left_out(self) -> str:
        """As the protocol says."""
        return damage_text(self._sound.damages, self._sound.places, self._sound.lost_bytes, self._cut_bytes)

    def slices(self) -> Iterator[list[AnyFrame]]:
        """As the protocol says."""
        if self.missing or self._file is None:
            return
        while not self.damage and (data := self._file.read(SLICE_BYTES)):
            self._read_bytes += len(data)
            yield list(self._sound.feed(data))

    def rest(self) -> list[AnyFrame]:
        """Nobody writes any more, and all was read: what lies behind a place that looked like the start of a frame."""
        frames = list(self._sound.end())
        if not self.damage:
            self._cut_bytes = self._sound.unfinished_bytes
        return frames

    def stat(self) -> os.stat_result:
        """Of the file that is open, whatever its name is now. Raises OSError where none is."""
        if self._file is None:
            raise FileNotFoundError(self._path)
        return os.fstat(self._file.fileno())

    @property
    def missing(self) -> bool:
        """Whether there is no such file, now or yet."""
        if self._file is None and not self.damage:
            try:
                self._file = self._path.open("rb", buffering=0)
            except FileNotFoundError:
                return True
            except OSError as error:
                self.damage = f"{self._path}: {error.strerror}"
        return False

    @property
    def size_bytes(self) -> int:
        """Bytes of the journal now; 0 where there is none."""
        return 0 if self._file is None else os.fstat(self._file.fileno()).st_size

    @property
    def read_fraction(self) -> float:
        """How much of what exists was read, 0 to 1."""
        return min(1.0, self._read_bytes / max(1, self.size_bytes))

    @property
    def at_end(self) -> bool:
        """As the protocol says; of a journal that is not there, all has been read."""
        return bool(self.damage) or self._read_bytes >= self.size_bytes

    def close(self) -> None:
        """As the protocol says."""
        if self._file is not None:
            self._file.close()
