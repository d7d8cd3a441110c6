"""Clocks of the measured loop: how long a step and its parts took, without ever waiting for the device.

On the CPU a step is done when the host has done it, and marks are readings of the host's clock. On CUDA the
host only queues work and marks are CUDA events: see `device_clock`. Either way the wall times of a phase's
steps follow each other without a gap and add up to the elapsed time.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import torch

from workloads.device_clock import DeviceClock, LossReader, Part
from workloads.recorder import Recorder
from workloads.rows import StepRow


class StepClock(Protocol):
    """Times steps and records them.

    A step is `open`, then `start` or `mark("data_wait")`, then a `mark` at the end of each other part, then `close`.
    A part that comes several times, as forward and backward do when gradients are accumulated, is summed.
    """

    def begin(self) -> None:
        """A phase begins now; no step is under way."""

    def open(self) -> None:
        """A step begins, once there is room for it."""

    def start(self) -> None:
        """The work of a step that has no data wait begins here."""

    def mark(self, part: Part) -> None:
        """What was done since the mark before was this part."""

    def communicates(self) -> None:
        """The last gradients are ready to be sent: from here to the end of backward, the step waits for others."""

    def copied(self, h2d_bytes: int, pageable_bytes: int) -> None:
        """So much was copied to the device in this step, and so much of that from memory that is not pinned."""

    def close(self, samples: int, *, tokens: int | None = None, loss: LossReader | None = None) -> None:
        """The step is queued whole; it is recorded when it is done."""

    def drain(self) -> None:
        """Wait until every step is done and recorded: the end of a phase."""


@contextmanager
def steady() -> Iterator[None]:
    """Keep what is alive now out of the garbage collector's sight, so that it does not pause measured steps.

    It stays on for what the loop itself makes: torch's own hundreds of thousands of objects are what costs.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def step_clock(device: torch.device, recorder: Recorder) -> StepClock:
    """The clock that suits the device."""
    return DeviceClock(recorder) if device.type == "cuda" else HostClock(recorder)


class HostClock:
    """Steps on the CPU: done when the host has done them. There is no device time and no host-to-device part."""

    def __init__(self, recorder: Recorder) -> None:
        self._record = recorder.row
        self._parts: dict[str, int] = {}
        self._marked_ns = 0
        self._waits_ns: int | None = None
        self._last_ns = 0

    def begin(self) -> None:
        """A phase begins now."""
        self._last_ns = time.monotonic_ns()

    def open(self) -> None:
        """A step begins."""
        self._parts = {}
        self._waits_ns = None
        self._marked_ns = self._last_ns

    def start(self) -> None:
        """The step's work begins."""
        self._marked_ns = time.monotonic_ns()

    def mark(self, part: Part) -> None:
        """A part of the step ends here."""
        now, name = time.monotonic_ns(), f"{part}_ns"
        if part == "backward" and self._waits_ns is not None:
            self._parts["comm_ns"] = now - self._waits_ns
        if part != "h2d":
            self._parts[name] = self._parts.get(name, 0) + now - self._marked_ns
        self._marked_ns = now

    def communicates(self) -> None:
        """From here to the end of backward the step waits for others."""
        self._waits_ns = time.monotonic_ns()

    def copied(self, h2d_bytes: int, pageable_bytes: int) -> None:
        """On the CPU there is nowhere to copy to."""

    def close(self, samples: int, *, tokens: int | None = None, loss: LossReader | None = None) -> None:
        """The step is done."""
        value = None if loss is None else loss()
        start, now = self._last_ns, time.monotonic_ns()
        self._last_ns = now
        self._record(StepRow(start, now - start, samples, tokens=tokens, loss=value, **self._parts))

    def drain(self) -> None:
        """Nothing is ever under way."""
