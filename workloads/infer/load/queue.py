"""The queue in front of a server, and the batcher that takes from it. Knows no clock: it is told what time it is.

Nobody puts a request into the queue at the instant at which it is due: due times are known beforehand, and on each
look all that has become due since the last one is in it. Such a look costs the same however many they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Final

Request = tuple[int, int]
"""When it was due, and when it was sent."""

NEVER: Final = 1 << 62


class Queue:
    """Requests that are due and not yet served, first come, first served, in batches of `most`.

    A batch is ready when it is full, or when its oldest request was due `max_delay_ns` ago.
    """

    def __init__(self, due_ns: Sequence[int], begin_ns: int, *, most: int, max_delay_ns: int = 0) -> None:
        """`due_ns` are from `begin_ns` on, in order."""
        self._due, self._begin = due_ns, begin_ns
        self._most, self._delay = most, max_delay_ns
        self._came = 0
        self._taken = 0
        self._stretches: deque[tuple[int, int | None]] = deque()
        """Of requests that came together: where the next stretch begins, and when they were sent; None: when due."""
        self._next_ns = begin_ns + due_ns[0] if due_ns else NEVER

    def __len__(self) -> int:
        return self._came - self._taken

    def look(self, now_ns: int, busy_until_ns: int) -> None:
        """What is due by now is sent.

        What became due while the server was busy, at `busy_until_ns` or before, could not have been taken any earlier:
        it was sent when it was due. All else was sent only now, and how much later that is, is the generator's lag.
        """
        if now_ns < self._next_ns:
            return
        due, begin = self._due, self._begin
        came = bisect_right(due, now_ns - begin, self._came)
        if busy_until_ns >= self._next_ns:
            meanwhile = bisect_right(due, busy_until_ns - begin, self._came, came)
            self._stretches.append((meanwhile, None))
            if meanwhile < came:
                self._stretches.append((came, now_ns))
        else:
            self._stretches.append((came, now_ns))
        self._came = came
        self._next_ns = begin + due[came] if came < len(due) else NEVER

    def ready(self, now_ns: int) -> bool:
        """Whether a batch is to be started."""
        waiting = self._came - self._taken
        if waiting >= self._most:
            return True
        return waiting > 0 and now_ns - self._begin - self._due[self._taken] >= self._delay

    def take(self) -> list[Request]:
        """The oldest requests, as many as a batch has."""
        return self._take(min(self._most, len(self)))

    def take_all(self) -> list[Request]:
        """All that wait."""
        return self._take(len(self))

    @property
    def next_ns(self) -> int:
        """When something happens next: a request is due, or the oldest one has waited long enough."""
        if self._came == self._taken:
            return self._next_ns
        return min(self._next_ns, self._begin + self._due[self._taken] + self._delay)

    @property
    def over(self) -> bool:
        """Whether nothing waits and nothing will come."""
        return self._taken == len(self._due)

    def _take(self, count: int) -> list[Request]:
        requests: list[Request] = []
        first, last, begin = self._taken, self._taken + count, self._begin
        while first < last:
            end, sent = self._stretches[0]
            if end <= last:
                self._stretches.popleft()
            until = min(end, last)
            dues = self._due[first:until]
            if sent is None:
                requests += [(begin + due, begin + due) for due in dues]
            else:
                requests += [(begin + due, sent) for due in dues]
            first = until
        self._taken = last
        return requests
