"""How much a session may still write: what is free on its disk, and what is left of its own limit.

A session ends while there is still room to save it. To finish needs room for the tables of the largest piece of the
journal before that piece is removed; they take at most half of it, mostly a quarter.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Final, NamedTuple

from app.session.planning.plan import SMALLEST_MAX_BYTES
from app.session.store.folder import SessionFolder
from app.session.store.segments import SEGMENT_BYTES
from app.text.numbers import bytes_text
from workloads.wire.frames import Failure, Finding

WARN_S: Final = (600.0, 60.0)
"""A person is told when it will last no longer than this, once of each."""
WARN_BYTES: Final = 1 << 30
"""And when less than this is left on the disk."""
WINDOW_NS: Final = 60 * 10**9
"""The rate at which it becomes less is that of so long; others may write to the disk too."""
FIRST_NS: Final = 5 * 10**9
"""Nothing is said of a rate that was seen for less."""

PART_OF_MAX: Final = 8
"""Of a session's limit a segment takes this part: what finishing needs is then a sixteenth of the limit."""


class Left(NamedTuple):
    """What is left of the scarcer of the two."""

    size: int
    """Bytes."""
    of_limit: bool
    """Of the session's own limit, else of the disk."""


class Room:
    """Of one session. Raises OSError."""

    def __init__(self, folder: SessionFolder, max_bytes: int | None = None, reserved: int = 0) -> None:
        """`max_bytes`: what the session's folder may take; None: whatever there is. `reserved`: of that, held back."""
        self._folder = folder
        self._reserved = reserved
        self.max_bytes = max_bytes

    def left(self) -> Left:
        """As it is now."""
        disk = os.statvfs(self._folder.path)
        free = disk.f_bavail * disk.f_frsize
        if self.max_bytes is not None:
            rest = self.max_bytes - self._folder.size_bytes() - self._reserved
            if rest < free:
                return Left(max(0, rest), of_limit=True)
        return Left(free, of_limit=False)


class Shortage:
    """Says in good time that it comes to an end. Pure: it is told how much is left, and when."""

    def __init__(self, max_bytes: int | None = None) -> None:
        self._max_bytes = max_bytes
        self._seen: deque[tuple[int, Left]] = deque()
        self._said: set[tuple[bool, float]] = set()

    def note(self, now_ns: int, left: Left) -> Finding | None:
        """What is to be said now; None: nothing new."""
        if self._seen and self._seen[-1][1].of_limit != left.of_limit:
            self._seen.clear()
        while self._seen and now_ns - self._seen[0][0] > WINDOW_NS:
            self._seen.popleft()
        self._seen.append((now_ns, left))
        seconds = self._seconds(now_ns, left)
        due = [limit for limit in WARN_S if seconds is not None and seconds < limit]
        if not left.of_limit and left.size < WARN_BYTES:
            due.append(0.0)
        new = [limit for limit in due if (left.of_limit, limit) not in self._said]
        self._said.update((left.of_limit, limit) for limit in due)
        return self._finding(now_ns, left, seconds) if new else None

    def _seconds(self, now_ns: int, left: Left) -> float | None:
        """For how long it lasts at the present rate; None where that is not known, or it does not become less."""
        first_ns, first = self._seen[0]
        less = first.size - left.size
        if now_ns - first_ns < FIRST_NS or less <= 0:
            return None
        return left.size * (now_ns - first_ns) / less / 1e9

    def _finding(self, now_ns: int, left: Left, seconds: float | None) -> Finding:
        lasts = "" if seconds is None or seconds >= WARN_S[0] else f", enough for about {_lasting(seconds)}"
        if left.of_limit and self._max_bytes is not None:
            message = f"{bytes_text(left.size)} are left of --max-size {bytes_text(self._max_bytes)}{lasts}"
            remedy = "the session stops by itself then, and is saved"
        else:
            message = f"{bytes_text(left.size)} are free on the disk of the session{lasts}"
            remedy = (
                "free space (`benchtop prune` removes old sessions); when it is full the session stops and is saved"
            )
        return Finding(at_ns=now_ns, kind="disk-short", message=message, remedy=remedy)


def needed_bytes(journal_bytes: int, segment_bytes: int, closed: int) -> int:
    """What finishing a session takes besides the reserve."""
    return max(journal_bytes, segment_bytes if closed else 0) // 2


def segment_bytes_of(max_bytes: int | None) -> int:
    """When a segment is closed, of a session that may take so much."""
    if max_bytes is None:
        return SEGMENT_BYTES
    return min(SEGMENT_BYTES, max(max_bytes, SMALLEST_MAX_BYTES) // PART_OF_MAX)


def failure_of_room(left: Left, folder: SessionFolder, max_bytes: int | None, *, at_ns: int) -> Failure:
    """The session was stopped while there was still room to save it."""
    if left.of_limit and max_bytes is not None:
        message = (
            f"the session has reached its --max-size of {bytes_text(max_bytes)}: it was stopped; "
            f"what was written until then is in {folder.path}"
        )
        remedy = "give it more with --max-size, or measure for shorter"
    else:
        message = (
            f"the disk is full but for what saving the session takes ({bytes_text(left.size)}): it was stopped; "
            f"what was written until then is in {folder.path}"
        )
        remedy = "free space (or set BENCHTOP_HOME to another disk) and run again"
    return Failure(at_ns=at_ns, kind="disk-full", message=message, remedy=remedy)


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1.0, seconds):.0f} s"
