"""Bytes of a journal → every sound frame in it, and the places that are damaged, each named.

Behind a damaged place it goes on at the next offset at which a whole frame lies: a length that can be, a checksum that
matches, and a payload that is a frame. That a checksum matches by chance is one in 2^32. Where nothing is damaged it
costs what a `FrameReader` does.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from app.session.plain import plain
from app.session.store.manifest import Damage
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import HEADER, LARGEST_PAYLOAD, DamagedStream, FrameReader

MOST_PLACES: Final = 1_000
"""Damaged places that are named one by one; of more, only their number and bytes are known."""

EFFORT: Final = 1 << 30
"""Bytes that are summed up in vain while a sound frame is looked for, about a second. Only a journal that was made to
cost time needs more: what follows is one damaged place then."""

EFFORT_A_TRY: Final = 4096
"""What it costs to look at a place where a frame might begin, in bytes of summing up."""

RENEWED: Final = 64
"""Effort that each byte of a sound frame gives back."""

_TAG: Final = b"\xa5frame"
"""Every payload is a map whose first key is this: `frame`, a string of five characters in MessagePack."""

_SMALL_MAPS: Final = range(0x80, 0x90)
_MAP_16: Final = 0xDE


class SoundFrames:
    """Takes a stream in any pieces; `end()` once nothing more comes. Raises UnknownVersion."""

    def __init__(self, offset: int = 0) -> None:
        """`offset`: where in the file the stream begins."""
        self.offset = offset
        """Behind the last frame that was given, or that was left out."""
        self.frames = 0
        """Given so far."""
        self.damages: list[Damage] = []
        """Places that were left out, in order: the first MOST_PLACES."""
        self.places = 0
        """How many there are."""
        self.lost_bytes = 0
        """In all of them."""
        self._reader = FrameReader()
        self._pending = bytearray()
        self._lost: tuple[int, str] | None = None
        """Where the place begins behind which a sound frame is looked for, and what is wrong there."""
        self._effort = EFFORT
        self._hopeless = 0

    @property
    def unknown(self) -> int:
        """Frames of a kind that this program does not know."""
        return self._reader.unknown

    @property
    def unfinished_bytes(self) -> int:
        """What waits for the rest of its frame."""
        return len(self._pending)

    def feed(self, data: bytes) -> Iterator[AnyFrame]:
        """Take the next bytes; give each sound frame. All of the result is to be consumed before the next call."""
        self._pending += data
        return self._given(last=False)

    def end(self) -> Iterator[AnyFrame]:
        """No more bytes come: what lies behind a length that was damaged, and names the last place.

        An unfinished frame at the end is no damage.
        """
        return self._given(last=True)

    def _given(self, *, last: bool) -> Iterator[AnyFrame]:
        start = 0
        try:
            while True:
                if self._lost is not None:
                    found = self._found(start, last=last)
                    start = self._left_out(start, found, last=last)
                    if found is None:
                        return
                if len(self._pending) - start < HEADER.size:
                    return
                size, checksum = HEADER.unpack_from(self._pending, start)
                end = start + HEADER.size + size
                wrong = "" if size <= LARGEST_PAYLOAD else f"a frame of {size} bytes is larger than any can be"
                if not wrong and len(self._pending) < end:
                    if not last or self._found(start + 1, last=last) is None:
                        return
                    wrong = f"a frame of {size} bytes is said to be there, and is not"
                frame = None
                if not wrong:
                    payload = bytes(memoryview(self._pending)[start + HEADER.size : end])
                    frame, wrong = self._decoded(payload, checksum)
                if wrong:
                    self._lost = (self.offset, wrong)
                    start, self.offset = start + 1, self.offset + 1
                    continue
                self._effort = min(EFFORT, self._effort + RENEWED * size)
                self.offset += end - start
                start = end
                if frame is not None:
                    self.frames += 1
                    yield frame
        finally:
            del self._pending[:start]

    def _decoded(self, payload: bytes, checksum: int) -> tuple[AnyFrame | None, str]:
        """The frame, None for one of a kind that is not known; and what is wrong with it."""
        if zlib.crc32(payload) != checksum:
            return None, "the checksum does not match"
        try:
            return self._reader.decode(payload), ""
        except DamagedStream as damage:
            return None, plain(damage.reason)

    def _left_out(self, start: int, found: int | None, *, last: bool) -> int:
        """Go on behind what is no frame → where. The place is named once its end is known."""
        assert self._lost is not None
        end = len(self._pending) if last else max(start, self._hopeless)
        end = end if found is None else found
        self.offset += end - start
        if found is not None or last:
            first, reason = self._lost
            if self._effort <= 0:
                reason += "; behind it there is too much of that kind to look for frames"
            self._name(Damage(offset=first, bytes=self.offset - first, reason=reason))
            self._lost = None
        return end

    def _name(self, damage: Damage) -> None:
        self.places += 1
        self.lost_bytes += damage.bytes
        if len(self.damages) < MOST_PLACES:
            self.damages.append(damage)

    def _found(self, start: int, *, last: bool) -> int | None:
        """Where in what is pending the first sound frame begins, from `start` on; None: nowhere, as far as is known.

        `_hopeless` says then up to where none can begin, whatever follows.
        """
        pending, waiting = self._pending, len(self._pending)
        place = pending.find(_TAG, start)
        while place >= 0 and self._effort > 0:
            begin = self._begin(place)
            if begin is not None and begin >= start:
                self._effort -= EFFORT_A_TRY
                size, checksum = HEADER.unpack_from(pending, begin)
                end = begin + HEADER.size + size
                if size <= LARGEST_PAYLOAD and end <= len(pending):
                    payload = bytes(memoryview(pending)[begin + HEADER.size : end])
                    if not self._decoded(payload, checksum)[1]:
                        return begin
                    self._effort -= size
                elif size <= LARGEST_PAYLOAD and not last:
                    waiting = min(waiting, begin)
            place = pending.find(_TAG, place + 1)
        # The start of a frame may be there without its tag.
        self._hopeless = min(waiting, len(pending) - HEADER.size - len(_TAG) - 3) if self._effort > 0 else len(pending)
        return None

    def _begin(self, tag: int) -> int | None:
        """Where the frame begins whose payload has its tag there."""
        if tag > HEADER.size and self._pending[tag - 1] in _SMALL_MAPS:
            return tag - 1 - HEADER.size
        if tag > HEADER.size + 2 and self._pending[tag - 3] == _MAP_16:
            return tag - 3 - HEADER.size
        return None
