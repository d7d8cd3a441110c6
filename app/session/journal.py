"""The journal: every frame as it came, appended to one file while a session runs.

The writer puts down whole frames or nothing, so that a full disk costs the last frame and no other.
The reader gives every whole frame, also those behind a damaged place, and then names what it could not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.session.manifest import Damage, Recovery
from app.session.sound import SoundFrames
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


class JournalReader:
    """Iterates over the whole frames of a journal; `recovery()` then says what else was there.

    Raises UnknownVersion for a journal of another version of the wire.
    """

    def __init__(self, path: Path, begin: int = 0) -> None:
        """`begin`: where an earlier reading ended; frames and bytes before it are neither read nor counted."""
        self._path = path
        self._sound = SoundFrames(begin)

    def __iter__(self) -> Iterator[AnyFrame]:
        begin = self._sound.offset
        with self._path.open("rb") as file:
            file.seek(begin)
            while chunk := file.read(CHUNK_BYTES):
                yield from self._sound.feed(chunk)
            yield from self._sound.end()

    @property
    def end(self) -> int:
        """The place behind the last whole frame that was read, and behind what was left out before it."""
        return self._sound.offset

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
        first = f"damaged at byte {damages[0].offset}: {damages[0].reason}"
        more = "" if places == 1 else f", the first of {places:,} damaged places"
        said.append(f"{first}{more} ({lost_bytes:,} bytes left out)")
    if unfinished:
        said.append(f"the last {unfinished} bytes are the start of a frame that was never finished")
    return "; ".join(said)
