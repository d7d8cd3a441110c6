"""The journal: every frame as it came, appended to one file while a session runs.

The writer puts down whole frames or nothing, so that a full disk costs the last frame and no other.
The reader gives every whole frame, also those behind a damaged place, and then names what it could not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from app.session.store.manifest import Damage, Recovery
from app.session.store.sound import SoundFrames
from workloads.wire.frames import AnyFrame

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


UNFINISHED = "the start of a frame that was never finished"


class OpenFile(NamedTuple):
    """A journal that is open for reading, and stays so when it is renamed or removed."""

    file: int
    """A file descriptor."""
    size: int | None = None
    """No more is read of it, though it may grow; None: all that is there."""

    def left(self, place: int) -> int:
        """How much is to be read at once from that place on."""
        return CHUNK_BYTES if self.size is None else max(0, min(CHUNK_BYTES, self.size - place))


class JournalReader:
    """Iterates over the whole frames of a journal; `recovery()` then says what else was there.

    Raises UnknownVersion for a journal of another version of the wire.
    """

    def __init__(self, source: Path | OpenFile, begin: int = 0) -> None:
        """`begin`: where an earlier reading ended; frames and bytes before it are neither read nor counted."""
        self._source = source
        self._sound = SoundFrames(begin)

    def __iter__(self) -> Iterator[AnyFrame]:
        if isinstance(self._source, OpenFile):
            yield from self._frames(self._source)
            return
        file = os.open(self._source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield from self._frames(OpenFile(file))
        finally:
            os.close(file)

    def _frames(self, source: OpenFile) -> Iterator[AnyFrame]:
        place = self._sound.offset
        while chunk := os.pread(source.file, source.left(place), place):
            place += len(chunk)
            yield from self._sound.feed(chunk)
        yield from self._sound.end()

    @property
    def end(self) -> int:
        """The place behind the last whole frame that was read, and behind what was left out before it."""
        return self._sound.offset

    @property
    def unfinished_bytes(self) -> int:
        """Behind that place: the start of a frame."""
        return self._sound.unfinished_bytes

    @property
    def damaged(self) -> bool:
        """Whether some of it was left out; an unfinished frame at the end is no damage."""
        return bool(self._sound.places)

    @property
    def unknown(self) -> int:
        """Frames of a kind that this program does not know."""
        return self._sound.unknown

    def recovery(self) -> Recovery:
        """What was read, and what could not be."""
        sound = self._sound
        unfinished = sound.unfinished_bytes
        return Recovery(
            frames=sound.frames,
            lost_bytes=sound.lost_bytes + unfinished,
            reason=damage_text(sound.damages, sound.places, sound.lost_bytes, unfinished),
            damages=tuple(sound.damages),
            places=sound.places,
        )


def damage_text(damages: Sequence[Damage], places: int, lost_bytes: int, unfinished: int = 0) -> str:
    """What was left out, in a line; empty where nothing was."""
    said = []
    if damages:
        file = f" of journal-{damages[0].segment:05}.frames" if damages[0].segment else ""
        first = f"damaged at byte {damages[0].offset}{file}: {damages[0].reason}"
        more = "" if places == 1 else f", the first of {places:,} damaged places"
        said.append(f"{first}{more} ({lost_bytes:,} bytes left out)")
    if unfinished:
        said.append(f"the last {unfinished} bytes are {UNFINISHED}")
    return "; ".join(said)
