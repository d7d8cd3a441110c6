"""The clock of steps on CUDA: queued ahead, timed by events, recorded when the events say that they are done.

The host runs ahead of the device by a bounded number of steps. Nothing synchronises: while the queue is
full the host asks the oldest step's last event with `query()` and sleeps, asks and sleeps.

The time of a step is the time between the ends of two steps on the device, which in the long run is all the
time there is; a phase's first step starts when the phase does. (The time of a loop's iteration on the host
would be near zero for the first few steps and then jump.)
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import torch

from workloads.recorder import Recorder
from workloads.rows import StepRow

RUN_AHEAD: Final = 4
"""Steps that the host may be ahead of the device: enough to hide the host, few enough to stop soon."""
POLL_S: Final = 20e-6
"""Seconds that the host sleeps between two questions whether the oldest step is done."""

LossReader = Callable[[], float]
"""Gives a step's loss; called only when the step is known to be done."""


class DeviceEvent(Protocol):
    """A CUDA event, as far as it is used here."""

    def record(self) -> None:
        """Put it behind what the device has to do."""

    def query(self) -> bool:
        """Whether the device has come past it. Never waits."""

    def elapsed_time(self, end_event: Any, /) -> float:
        """Milliseconds on the device to another one; both have passed."""


def timing_event() -> DeviceEvent:
    """A CUDA event that knows its time."""
    event: DeviceEvent = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    return event


def elapsed_ns(first: DeviceEvent, last: DeviceEvent) -> int:
    """Nanoseconds on the device between two events that have passed; exact to about half a microsecond."""
    return round(first.elapsed_time(last) * 1e6)


class _Slot:
    """The events of one step on its way through the device, used again for later ones."""

    def __init__(self, events: list[DeviceEvent]) -> None:
        self.events = events
        self.next = 0
        self.samples = 0
        self.data_wait_ns: int | None = None
        self.loss: LossReader | None = None

    def record(self) -> None:
        """Put the next event into the queue of the device."""
        self.events[self.next].record()
        self.next += 1

    def between(self, first: int) -> int:
        """Nanoseconds on the device between an event and the one after it."""
        return elapsed_ns(self.events[first], self.events[first + 1])


class DeviceClock:
    """Steps on CUDA: queued ahead, timed by events, recorded when the events say that they are done."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        parts: bool,
        event: Callable[[], DeviceEvent] = timing_event,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._record = recorder.row
        self._pause = pause
        self._parts = parts
        self._free = [_Slot([event() for _ in range(5 if parts else 2)]) for _ in range(RUN_AHEAD + 2)]
        self._under_way: deque[_Slot] = deque()
        self._before: _Slot | None = None
        self._phase_began = event()
        self._last_end = self._phase_began
        self._last_ns = 0
        self._opened_ns = 0
        self._slot = self._free[-1]

    def begin(self) -> None:
        """A phase begins now, on the host and on the idle device alike."""
        self._phase_began.record()
        self._last_end, self._last_ns = self._phase_began, time.monotonic_ns()

    def open(self) -> None:
        """A step begins, once the device is near enough behind."""
        self._settle(RUN_AHEAD - 1)
        self._slot = self._free.pop()
        self._slot.next = 0
        self._opened_ns = time.monotonic_ns()
        if not self._parts:
            self._slot.record()

    def mark(self) -> None:
        """A part of the step ends here: the first, data wait, on the host, the others on the device."""
        if self._slot.next == 0:
            self._slot.data_wait_ns = time.monotonic_ns() - self._opened_ns
        self._slot.record()

    def close(self, samples: int, loss: LossReader | None = None) -> None:
        """The step is queued whole."""
        slot = self._slot
        slot.record()
        slot.samples, slot.loss = samples, loss
        self._under_way.append(slot)

    def drain(self) -> None:
        """Ask until the device is done."""
        self._settle(0)

    def _settle(self, most: int) -> None:
        """Record what is done, until at most `most` steps are under way."""
        while self._under_way:
            if self._under_way[0].events[-1].query():
                self._finish(self._under_way.popleft())
            elif len(self._under_way) > most:
                self._pause(POLL_S)
            else:
                return

    def _finish(self, slot: _Slot) -> None:
        end = slot.events[-1]
        start, wall = self._last_ns, elapsed_ns(self._last_end, end)
        self._last_ns, self._last_end = start + wall, end
        device = elapsed_ns(slot.events[0], end)
        if self._parts:
            self._record(
                StepRow(
                    start,
                    wall,
                    slot.samples,
                    data_wait_ns=slot.data_wait_ns,
                    h2d_ns=slot.between(0),
                    forward_ns=slot.between(1),
                    backward_ns=slot.between(2),
                    optimizer_ns=slot.between(3),
                    device_ns=device,
                    loss=None if slot.loss is None else slot.loss(),
                )
            )
        else:
            self._record(StepRow(start, wall, slot.samples, device_ns=device))
        # The slot before this one held the event that this step was measured from; only now is it free.
        if self._before is not None:
            self._free.append(self._before)
        self._before = slot
