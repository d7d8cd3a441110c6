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

from workloads.device_clock import DeviceClock, LossReader
from workloads.recorder import Recorder
from workloads.rows import StepRow


class StepClock(Protocol):
    """Times steps and records them. A step is `open`, then a `mark` at the end of each part, then `close`."""

    def begin(self) -> None:
        """A phase begins now; no step is under way."""

    def open(self) -> None:
        """A step begins, once there is room for it."""

    def mark(self) -> None:
        """A part ends here: data wait, host-to-device, forward, backward, in this order; `close` ends the last."""

    def close(self, samples: int, loss: LossReader | None = None) -> None:
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


def step_clock(device: torch.device, recorder: Recorder, *, parts: bool) -> StepClock:
    """The clock that suits the device. `parts`: whether steps have marks for a training step's parts."""
    if device.type == "cuda":
        return DeviceClock(recorder, parts=parts)
    return HostClock(recorder, parts=parts)


class HostClock:
    """Steps on the CPU: done when the host has done them. There is no device time and no host-to-device part."""

    def __init__(self, recorder: Recorder, *, parts: bool) -> None:
        self._record = recorder.row
        self._parts = parts
        self._marks: list[int] = []
        self._last_ns = 0

    def begin(self) -> None:
        """A phase begins now."""
        self._last_ns = time.monotonic_ns()

    def open(self) -> None:
        """A step begins."""
        self._marks.clear()

    def mark(self) -> None:
        """A part of the step ends here."""
        self._marks.append(time.monotonic_ns())

    def close(self, samples: int, loss: LossReader | None = None) -> None:
        """The step is done."""
        value = None if loss is None else loss()
        start, now = self._last_ns, time.monotonic_ns()
        self._last_ns = now
        if not self._parts:
            self._record(StepRow(start, now - start, samples))
            return
        data, moved, forward, backward = self._marks
        self._record(
            StepRow(
                start,
                now - start,
                samples,
                data_wait_ns=data - start,
                forward_ns=forward - moved,
                backward_ns=backward - forward,
                optimizer_ns=now - backward,
                loss=value,
            )
        )

    def drain(self) -> None:
        """Nothing is ever under way."""
