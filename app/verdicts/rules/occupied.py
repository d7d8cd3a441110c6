"""How much of the time a GPU and the processors are at work, and what of it the host's ways explain. Pure."""

from __future__ import annotations

from statistics import fmean
from typing import Final

import msgspec
from msgspec.structs import replace

from app.verdicts.rules.readings import devices, reading
from app.verdicts.rules.settings import whole_number
from app.verdicts.rules.telling import pauses, share_evidence
from app.verdicts.window import DeviceMeans, StepSums, Window
from workloads.wire.frames import Evidence

FULL: Final = 0.9
"""Of the processors: they have next to nothing left, so that one task's time is another's loss."""

OTHERS: Final = 0.2
"""Of the processors, that others use. Background services and benchtop itself take a few per cent."""

BETWEEN: Final = 0.2
"""Of the time, between the end of a step and the next forward, where no DataLoader is waited for: a batch that is made
there, most likely. Gradients that are zeroed, a schedule and a line of a log take a few per cent of a step."""

LEAST_BETWEEN_NS: Final = 500_000
"""Of each step: zeroing gradients, slicing a batch out of a resident tensor and a loop's own lines take some 100 µs."""


class Occupied(msgspec.Struct, frozen=True):
    """A part of the time, and the number that says so."""

    share: float
    evidence: Evidence


def gpu_busy(window: Window) -> Occupied | None:
    """Time in which the compute engine was at work, the mean of the run's GPUs; None: no counter says so.

    GPM's graphics engine stands still during copies between host and device, as it should here: on an H200 it reads
    0 % while NVML's utilization reads 99 %. Where there is no GPM, NVML's is no less than the truth.
    """
    found = [busy for gpu in devices(window) if (busy := _busy(gpu)) is not None]
    if not found:
        return None
    share = fmean(busy.share for busy in found)
    return Occupied(share, replace(found[0].evidence, value=100 * share))


def _busy(gpu: DeviceMeans) -> Occupied | None:
    for gauge, name, source in (
        ("graphics_active_percent", "graphics active", "gpm"),
        ("utilization_percent", "GPU utilization", "nvml"),
    ):
        percent = reading(gpu, gauge)
        if percent is not None:
            share = min(1.0, percent / 100)
            return Occupied(share, share_evidence(name, share, source=source))
    return None


def exposed_wait(steps: StepSums) -> float | None:
    """Part of the step time in which data wait finds a GPU without work; None: not measured.

    The GPU is `ahead` of work behind when a step was given to it, less what the host then waited for it; a wait for
    data that is shorter than that costs nothing.
    """
    if steps.data_wait_ns is None or not steps.wall_ns:
        return None
    hidden = 0 if steps.ahead_ns is None else max(0, steps.ahead_ns - (steps.sync_ns or 0))
    return max(0, steps.data_wait_ns - hidden) / steps.wall_ns


def exposed_exchange(steps: StepSums, busy: Occupied) -> float:
    """Part of the time in which a rank waits for others and its GPU does nothing; 0 where that is not measured.

    Gloo lets the host wait, and the GPU has nothing to do. A kernel of NCCL that waits keeps it busy, so that all that
    it is busy with may be within the wait; no less than the rest of the wait is idle.
    """
    return max(0.0, (steps.comm_ns or 0) / max(1, steps.wall_ns) - busy.share)


def emptying(window: Window) -> float:
    """Part of a script's time in `torch.cuda.empty_cache()`, which waits for the device first."""
    return window.worker.means.get("empty_cache_percent", 0.0) / 100


def between_steps(window: Window) -> float:
    """Part of the time of a script from the end of a step to the next forward, where it is no pause that has a name.

    Nothing where it is short: then it is Python between two calls, and no batch is made.
    """
    steps, told = window.steps, window.worker.means.get("between_steps_percent")
    if steps is None or told is None or not steps.count:
        return 0.0
    share = max(0.0, told / 100 - pauses(window))
    return share if share * steps.wall_ns / steps.count >= LEAST_BETWEEN_NS else 0.0


def processors(window: Window) -> float | None:
    """How many the workload's own processes keep busy, as a mean."""
    percent = window.worker.means.get("cpu_percent")
    return None if percent is None else percent / 100


def all_processors(window: Window) -> int | None:
    """Of the host, as they are read; else those that the workload may use."""
    return len(window.host.core_percent) or window.logical_processors


def others(window: Window) -> float | None:
    """How many processors of the host everybody else keeps busy."""
    host, own, every = window.host.means.get("cpu_percent"), processors(window), all_processors(window)
    if host is None or own is None or not every:
        return None
    return max(0.0, host / 100 * every - own)


def crowded(window: Window) -> bool:
    """Whether others fill what the run leaves of the processors: its own load then says nothing of what it wanted."""
    elsewhere, own, every = others(window), processors(window), all_processors(window)
    if elsewhere is None or own is None or not every:
        return False
    return elsewhere >= OTHERS * every and elsewhere + own >= FULL * every


def torch_threads(window: Window) -> int | None:
    """That torch computes with on the CPU in each process: as it says, else as they were set. None: not known."""
    if window.torch_threads is not None:
        return window.torch_threads
    return whole_number(window, "threads") or None
