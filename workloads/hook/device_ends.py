"""When the device has done what a step gave it (CUDA): events at the ends of steps, never waited for.

Events are asked with `query()`. One tells how long it came behind the event before it, on the device's clock. When it
came on the host's clock lies between the last time that it was asked and had not come (or was given to the device) and
the first time that it had: within these, it is the time of the event before it and the device's time between them. So
the two clocks need no common zero, and no error grows.

A step is from the end of the one before it on the device to its own: a host that runs ahead gives work in bursts, and
waits where the queue of launches is full, which makes no step longer or shorter. Phases begin at such ends too.
"""

from __future__ import annotations

import _thread
from collections import deque
from collections.abc import Callable
from typing import Any

from .line import REQUEST, STEP, Line

START, WALL, DEVICE, AHEAD = (STEP.index(name) for name in ("start_ns", "wall_ns", "device_ns", "ahead_ns"))
FIRST, DONE, REQUEST_DEVICE = REQUEST.index("first_ns"), REQUEST.index("done_ns"), REQUEST.index("device_ns")
MOST = 4_096
"""Ends that are waited for; a device that is farther behind is told of without its times."""


class DeviceEnds:
    """Rows on their way through the device, in order."""

    def __init__(self, torch: Any, line: Line, clock: Any) -> None:
        self._new: Callable[[], Any] = lambda: torch.cuda.Event(enable_timing=True)
        self._capturing: Callable[[], bool] = torch.cuda.is_current_stream_capturing
        self.at_step: Any = None
        """Called once, when the next step is given to the device."""
        self._put = line.put
        self._clock = clock
        self._pending: deque[tuple[Any, int, Any]] = deque()
        self._free: list[Any] = []
        self._before: Any = None
        self._before_ns = 0
        self._asked_ns = 0
        self._until_ns = 0
        """The end of the last step, or the beginning of a phase behind it."""
        self._device_ns: int | None = 0
        """Since the end of the last step; None: not known."""
        self._asking = _thread.allocate_lock()
        self._held = False

    def step(self, row: tuple[Any, ...], now: int) -> None:
        """A step is given to the device whole."""
        self._add(row, now)
        if self.at_step is not None:
            call, self.at_step = self.at_step, None
            call(now)

    def begins(self, now: int) -> None:
        """A request is given to the device from here on."""
        self._add(None, now)

    def request(self, row: list[Any], now: int) -> None:
        """It is given whole."""
        self._add(row, now)

    def when(self, call: Callable[[int], Any], now: int) -> None:
        """Tell when what was given up to here is done; of a device that is too far behind, now."""
        if len(self._pending) >= MOST or self._capturing():
            call(now)
        else:
            self._add(call, now)

    def then(self, call: Callable[[], Any]) -> None:
        """Call once all before is done."""
        self._pending.append((call, 0, None))
        self.poll()

    def between(self, header: dict[str, Any]) -> None:
        """A message that has its place among the rows."""
        self._in_turn(header)

    def hold(self) -> None:
        """A graph is being captured from here on: asking an event, in any thread, would spoil it."""
        self._held = self._asking.acquire()

    def go_on(self) -> None:
        """It is captured."""
        if self._held:
            self._held = False
            self._asking.release()

    def poll(self) -> None:
        """Pass on what is done. Waits for nothing: where another thread is at it, that one does it."""
        if not self._asking.acquire(False):
            return
        try:
            pending = self._pending
            while pending:
                item, given_ns, event = pending[0]
                if event is not None:
                    done = event.query()
                    now = self._clock()
                    if not done:
                        self._asked_ns = now
                        return
                    item = self._passed(item, given_ns, event, now)
                elif callable(item):
                    item = item()
                elif isinstance(item, tuple):
                    item = tuple(self._placed(list(item), item[START] + item[WALL]))
                elif isinstance(item, dict) and item["kind"] == "phase":
                    item["at_ns"] = self._until_ns = max(item["at_ns"], self._until_ns)
                pending.popleft()
                if item is not None:
                    self._put(item)
        finally:
            self._asking.release()

    def _in_turn(self, item: Any) -> None:
        self._pending.append((item, 0, None))
        if len(self._pending) == 1:
            self.poll()

    def _add(self, item: Any, now: int) -> None:
        if len(self._pending) >= MOST or self._capturing():
            self.poll()
            if item is not None:
                self._in_turn(item)
            return
        event = self._free.pop() if self._free else self._new()
        event.record()
        self._pending.append((item, now, event))
        self.poll()

    def _passed(self, item: Any, given_ns: int, event: Any, now: int) -> Any:
        took = self._took(event)
        earliest = max(given_ns, self._asked_ns)
        came = min(max(earliest, self._before_ns + (took or 0)), now)
        self._device_ns = None if took is None or self._device_ns is None else self._device_ns + took
        if self._before is not None:
            self._free.append(self._before)
        self._before, self._before_ns, self._asked_ns = event, came, 0
        if isinstance(item, tuple):
            row = self._placed(list(item), came)
            row[DEVICE], row[AHEAD] = self._device_ns, came - given_ns
            self._device_ns = 0
            return tuple(row)
        if callable(item):
            item(came)
            return None
        if isinstance(item, list):
            item[FIRST], item[DONE], item[REQUEST_DEVICE] = came, came, took
        return item

    def _placed(self, row: list[Any], end_ns: int) -> list[Any]:
        """From the end of the one before to that end."""
        start = self._until_ns or row[START]
        self._until_ns = max(end_ns, start + 1)
        row[START], row[WALL] = start, self._until_ns - start
        return row

    def _took(self, event: Any) -> int | None:
        """Since the event before it, on the device; None: there is none, or it was on another device."""
        if self._before is None:
            return None
        try:
            return int(self._before.elapsed_time(event) * 1e6)
        except (RuntimeError, ValueError):
            return None
