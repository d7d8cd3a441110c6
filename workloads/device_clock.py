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
from typing import Any, Final, Literal, Protocol

import torch

from workloads.recorder import Recorder
from workloads.rows import StepRow

RUN_AHEAD: Final = 4
"""Steps that the host may be ahead of the device: enough to hide the host, few enough to stop soon."""
POLL_S: Final = 20e-6
"""Seconds that the host sleeps between two questions whether the oldest step is done."""

Part = Literal["data_wait", "h2d", "forward", "backward", "optimizer"]
"""What a training step's time goes to."""

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

    def __init__(self, event: Callable[[], DeviceEvent]) -> None:
        self._event = event
        self._events: list[DeviceEvent] = []
        self._ends: list[Part | Literal["comm"] | None] = []
        self.samples = 0
        self.tokens: int | None = None
        self.data_wait_ns: int | None = None
        self.loss: LossReader | None = None
        self.given_ns = 0
        """When the host had given all of its work to the device."""
        self.h2d_bytes: int | None = None
        self.pageable_bytes: int | None = None

    def clear(self) -> None:
        """A new step."""
        self._ends.clear()
        self.data_wait_ns = self.h2d_bytes = self.pageable_bytes = None

    def record(self, ends: Part | Literal["comm"] | None) -> None:
        """Put the next event into the queue of the device, at the end of that part."""
        if len(self._ends) == len(self._events):
            self._events.append(self._event())
        self._events[len(self._ends)].record()
        self._ends.append(ends)

    @property
    def first(self) -> DeviceEvent:
        """Where the step's work on the device begins."""
        return self._events[0]

    @property
    def last(self) -> DeviceEvent:
        """The end of the step."""
        return self._events[len(self._ends) - 1]

    def parts(self) -> dict[str, int]:
        """Nanoseconds on the device of every part: between its event and the one before, as often as it has one."""
        parts: dict[str, int] = {}
        before, waits = self._events[0], None
        for event, part in zip(self._events[1:], self._ends[1:], strict=False):
            if part == "comm":
                # The wait for other ranks begins here and ends with backward, of which it is a part.
                waits = event
                continue
            if part is not None:
                name = f"{part}_ns"
                parts[name] = parts.get(name, 0) + elapsed_ns(before, event)
            if part == "backward" and waits is not None:
                parts["comm_ns"] = elapsed_ns(waits, event)
            before = event
        return parts


class DeviceClock:
    """Steps on CUDA: queued ahead, timed by events, recorded when the events say that they are done."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        event: Callable[[], DeviceEvent] = timing_event,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._record = recorder.row
        self._pause = pause
        self._clock = clock
        self._free = [_Slot(event) for _ in range(RUN_AHEAD + 2)]
        self._under_way: deque[_Slot] = deque()
        self._before: _Slot | None = None
        self._phase_began = event()
        self._last_end = self._phase_began
        self._last_ns = 0
        self._opened_ns = 0
        self._not_yet_ns = 0
        """When the host last saw the oldest step not yet done."""
        self._shift_ns = 0
        """What the host's clock is ahead of the device's, since the phase began."""
        self._slot = self._free[-1]

    def begin(self) -> None:
        """A phase begins now, on the host and on the idle device alike."""
        self._phase_began.record()
        self._last_end, self._last_ns = self._phase_began, self._clock()
        self._shift_ns = 0

    def open(self) -> None:
        """A step begins, once the device is near enough behind."""
        self._settle(RUN_AHEAD - 1)
        self._slot = self._free.pop()
        self._slot.clear()
        self._opened_ns = self._clock()

    def start(self) -> None:
        """The device's work begins here: after a data wait, which is the host's, or at once."""
        self._slot.record(None)

    def mark(self, part: Part) -> None:
        """A part of the step ends here: data wait on the host, the others on the device."""
        if part == "data_wait":
            self._slot.data_wait_ns = self._clock() - self._opened_ns
            self.start()
        else:
            self._slot.record(part)

    def communicates(self) -> None:
        """The last gradients are ready to be sent: from here to the end of backward, the step waits for others."""
        self._slot.record("comm")

    def copied(self, h2d_bytes: int, pageable_bytes: int) -> None:
        """So much was copied to the device in this step, and so much of that from memory that is not pinned."""
        self._slot.h2d_bytes, self._slot.pageable_bytes = h2d_bytes, pageable_bytes

    def close(self, samples: int, *, tokens: int | None = None, loss: LossReader | None = None) -> None:
        """The step is queued whole."""
        slot = self._slot
        slot.given_ns = self._clock()
        slot.record(None)
        slot.samples, slot.tokens, slot.loss = samples, tokens, loss
        self._under_way.append(slot)

    def drain(self) -> None:
        """Ask until the device is done."""
        self._settle(0)

    def _settle(self, most: int) -> None:
        """Record what is done, until at most `most` steps are under way."""
        while self._under_way:
            if self._under_way[0].last.query():
                self._finish(self._under_way.popleft())
            elif len(self._under_way) > most:
                self._not_yet_ns = self._clock()
                self._pause(POLL_S)
            else:
                return

    def _finish(self, slot: _Slot) -> None:
        end = slot.last
        start, wall = self._last_ns, elapsed_ns(self._last_end, end)
        self._last_ns, self._last_end = start + wall, end
        done_ns = self._on_the_host(start + wall, slot)
        self._record(
            StepRow(
                start,
                wall,
                slot.samples,
                data_wait_ns=slot.data_wait_ns,
                device_ns=elapsed_ns(slot.first, end),
                tokens=slot.tokens,
                loss=None if slot.loss is None else slot.loss(),
                h2d_bytes=slot.h2d_bytes,
                pageable_bytes=slot.pageable_bytes,
                ahead_ns=done_ns - slot.given_ns,
                **slot.parts(),
            )
        )
        # The slot before this one held the event that this step was measured from; only now is it free.
        if self._before is not None:
            self._free.append(self._before)
        self._before = slot

    def _on_the_host(self, end_ns: int, slot: _Slot) -> int:
        """When a step was done on the device, by the host's clock, between what the host knows for sure.

        The two clocks drift apart, by some milliseconds an hour. But no step is done before all of its work was given
        or while the host still sees it not done, and none later than the host sees it done.
        """
        seen_ns = self._clock()
        end_ns += self._shift_ns
        sure_ns = min(max(end_ns, slot.given_ns, self._not_yet_ns), seen_ns)
        self._shift_ns += sure_ns - end_ns
        return sure_ns
