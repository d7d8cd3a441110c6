"""The pace of the line: when the next frame may go, how much it may hold, and how long a round trip takes.

After every frame the terminal is asked where its cursor is, which every terminal answers once it has read what
came before. So one frame at most is on its way, whatever the line: what changes meanwhile is sent together.
Pure: time comes in as an argument, and nothing is sent or waited for here.
"""

from __future__ import annotations

import statistics
from collections import deque

SILENT_S = 1.0
"""A terminal that has not answered the first question for so long is taken for one that answers none."""

PATIENCE_S, LONGEST_S = 5.0, 60.0
"""A terminal that did answer is sent another frame after so long; then after twice as long, and so on."""

MISSES = 5
"""Questions in a row without an answer, after which a terminal that once answered is taken for a silent one."""

HELD_S = 0.2
"""What a frame may hold takes about so long on the line, so that a key never waits for more."""

SLOW_S = 0.05
"""Longer than the shortest round trip by this: the size of the frame is felt, and tells the line's speed."""

SMALLEST, LARGEST = 400, 32_768
"""Bytes that a frame may always hold, and from which on it needs no limit."""

BAD_S = 0.3
"""Round trips that are worth a word: keys are felt to lag."""


class Pace:
    """What is known of one line."""

    def __init__(self) -> None:
        self.silent = False
        """Whether the terminal is taken for one that answers nothing: then nothing is asked either."""
        self._asked_s: float | None = None
        self._size = 0
        self._missed = 0
        self._heard = False
        self._trips: deque[float] = deque(maxlen=64)
        self._most: float | None = None

    def waits(self, now_s: float) -> bool:
        """Whether an earlier frame is still on its way."""
        if self._asked_s is None:
            return False
        if now_s - self._asked_s < self._patience_s:
            return True
        self._miss()
        return False

    @property
    def most(self) -> int | None:
        """Bytes that the next frame may hold; None: any number."""
        return None if self._most is None else round(self._most)

    def sent(self, size: int, now_s: float) -> bool:
        """A frame of `size` bytes goes out now → whether the terminal is to be asked behind it."""
        if self.silent:
            return False
        self._asked_s, self._size = now_s, size
        return True

    def answered(self, now_s: float) -> None:
        """The terminal has read all that was sent before the question."""
        if self._asked_s is not None and not self._missed:
            self._measure(now_s - self._asked_s)
        self.silent, self._heard, self._missed, self._asked_s = False, True, 0, None

    @property
    def round_trip_s(self) -> float | None:
        """How long the newest few round trips took; None where that is too short to be worth a word, or not known."""
        if len(self._trips) < 3:
            return None
        typical = statistics.median(list(self._trips)[-5:])
        return typical if typical >= BAD_S else None

    @property
    def _patience_s(self) -> float:
        return min(PATIENCE_S * 2**self._missed, LONGEST_S) if self._heard else SILENT_S

    def _miss(self) -> None:
        self._asked_s = None
        self._missed += 1
        self.silent = not self._heard or self._missed >= MISSES

    def _measure(self, trip_s: float) -> None:
        """Learn the line's speed from how much longer than the shortest this round trip took."""
        self._trips.append(trip_s)
        beyond_s = trip_s - min(self._trips)
        if beyond_s > SLOW_S:
            speed = self._size / beyond_s
            self._most = max(float(SMALLEST), min(speed * HELD_S, self._most or LARGEST))
        elif self._most is not None and self._size >= self._most / 2:
            self._most = None if self._most * 2 > LARGEST else self._most * 2
