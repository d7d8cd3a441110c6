"""What happened in the script's threads, noted there in passing: what the loop shall be told, in order.

In the middle of the script's work each line of Python costs many times what it does in a loop of its own. So in the
usual course of things the line's thread tells the loop of it, a few hundred steps at a time. Where something has to be
known or done at once (at the beginning, in experiments, at the ends of steps on CUDA) the script's thread does that.
"""

from __future__ import annotations

import _thread
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .loop import Loop

MOST = 100_000
"""More are not kept for a step that does not end, such as a long evaluation on CUDA."""

Note = tuple[Any, ...]
"""(what to call, its arguments)."""


class Notes:
    """Of one process."""

    __slots__ = ("_loop", "_telling", "add", "fed", "inside", "over", "prompt", "waiting")

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.waiting: deque[Note] = deque()
        self.add: Callable[[Note], None] = self.waiting.append
        self.over = False
        """The hook is off."""
        loop.line.gather = self.gather
        self.renew()

    def renew(self) -> None:
        """Nothing was noted yet: in a new process, and in the child of a fork."""
        self.waiting.clear()
        self._telling = _thread.RLock()
        """Held by the thread that tells; a signal's handler may come to it once more in there."""
        self.inside = False
        """Whether the script's only thread is in a forward."""
        self.prompt = True
        """Whether the loop has to be told of each at once, by the thread that notes it."""
        self.fed = False
        """Whether a DataLoader gave a batch that no forward has come for yet."""

    def gather(self) -> None:
        """Tell all: for the line's thread, which leaves it to the script's where that does so."""
        if not self.prompt and self._loop.ends is None and self._telling.acquire(False):
            try:
                self._tell()
            finally:
                self._telling.release()

    def catch_up(self) -> None:
        """Tell all: for threads of the script's."""
        with self._telling:
            self._tell()
            self._loop.take_order()

    def at_once(self, *note: Any) -> None:
        """Note, and tell it."""
        self.add(note)
        self.catch_up()

    def stop(self) -> None:
        """The hook is off."""
        self.over = self.prompt = True

    def _tell(self) -> None:
        waiting = self.waiting
        if self.over:
            waiting.clear()
        while waiting:
            note = waiting.popleft()
            note[0](*note[1:])
        self.prompt = self.over or not self._loop.is_usual
