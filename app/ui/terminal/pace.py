"""The pace of the line: when the next frame may go, how much it may hold, and how long a round trip takes.

After every frame the terminal is asked where its cursor is, which every terminal answers once it has read what
came before. So one frame at most is on its way, and what changes meanwhile is sent together; only where no answer
comes in time does the next one go without.
Pure: time comes in as an argument, and nothing is sent or waited for here.
"""

from __future__ import annotations

from collections import deque

SILENT_S = 1.0
"""A terminal that has not answered the first question for so long is taken for one that answers none."""

PATIENCE_S, LONGEST_S = 5.0, 60.0
"""A terminal that did answer is sent another frame after so long; then after twice as long, and so on."""

MISSES = 5
"""Questions in a row without an answer, after which a terminal that once answered is taken for a silent one."""

HELD_S = 0.12
"""What a frame may hold takes about so long on a slow line, so that a key never waits for much more; on a line that is
far as well, half of its shortest round trip."""

SLOW_S = 0.05
"""A line on which the largest frame of late took no longer than this is fast enough for any frame."""

SMALLEST = 400
"""Bytes that a frame may always hold."""

FIRST, LARGEST = 6144, 16_384
"""Bytes of the first frame, a whole picture of 140×40; doubled as long as the line is not found to be slow."""

KEPT = 32
"""Round trips that the line is judged by."""

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
        self._trips: deque[tuple[int, float]] = deque(maxlen=KEPT)
        """Bytes of a frame, and how long it took until its answer came."""
        self.most: int | None = FIRST
        """Bytes that the next frame may hold; None: any number."""

    def waits(self, now_s: float) -> bool:
        """Whether an earlier frame is still on its way."""
        if self._asked_s is None:
            return False
        if now_s - self._asked_s < self._patience_s:
            return True
        self._miss()
        return False

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
        newest = sorted(trip_s for _, trip_s in list(self._trips)[-5:])
        typical = newest[len(newest) // 2]
        return typical if typical >= BAD_S else None

    @property
    def _patience_s(self) -> float:
        return min(PATIENCE_S * 2**self._missed, LONGEST_S) if self._heard else SILENT_S

    def _miss(self) -> None:
        self._asked_s = None
        self._missed += 1
        self.silent = not self._heard or self._missed >= MISSES
        if self.silent:
            self.most = None

    def _measure(self, trip_s: float) -> None:
        """Learn what the line takes: a straight line through round trips over sizes of frames, by least squares."""
        self._trips.append((self._size, trip_s))
        count = len(self._trips)
        mean_size, mean_trip_s = (sum(values) / count for values in zip(*self._trips, strict=True))
        spread = sum((size - mean_size) ** 2 for size, _ in self._trips)
        s_a_byte = sum((size - mean_size) * trip for size, trip in self._trips) / spread if spread else 0.0
        if s_a_byte * max(size for size, _ in self._trips) > SLOW_S:
            shortest_s = mean_trip_s - s_a_byte * mean_size
            self.most = max(SMALLEST, round(max(HELD_S, shortest_s / 2) / s_a_byte))
        elif self.most is not None and self._size >= self.most / 2:
            self.most = None if self.most >= LARGEST else 2 * self.most
