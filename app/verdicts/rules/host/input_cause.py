"""Why data is late: who makes it, what else it waits for, and what to change. Pure.

Processor time tells: a wait in which nobody computes is for storage, for the network or for a clock; a wait of one
busy processor is for a loop that makes its own data; and full processors cannot make more of it.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

from app.verdicts.rules.occupied import FULL, crowded, processors
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.settings import setting, whole_number
from app.verdicts.window import Window
from workloads.wire.frames import Evidence

IO_PRESSURE: Final = 10.0
"""Per cent of the last 10 s in which some task waited for a disk (`some avg10` of /proc/pressure/io)."""

MOVED_BYTES_PER_S: Final = 5_000_000
"""From disk or network: what other processes of an idle machine read comes to far less."""

OWN_PART: Final = 0.5
"""Of the data wait, in which the waiting thread itself computes: then it makes the data, and no worker does."""

FEW: Final = 0.5
"""Of the time that a wait takes from the steps: a few long waits if steps without one would be this much shorter."""


class Cause(msgspec.Struct, frozen=True):
    """Why data is late."""

    says: str
    """Goes on after `34 % of the step waits for data`."""
    next: str
    evidence: tuple[Evidence, ...] = ()


def cause(window: Window, wait: float) -> Cause:
    """Of this wait, a part of the step time."""
    if _in_few_steps(window) and _workers(window) != 0:
        return Cause(
            ", in a few steps that wait long",
            _loader(window, None, "persistent_workers=True")
            + ": workers that are started anew for every epoch make its first steps wait",
        )
    own, workers = processors(window), _workers(window)
    evidence = _load(window, own, workers)
    if own is not None and window.logical_processors and own >= FULL * window.logical_processors:
        return Cause(
            f": its making takes all {window.logical_processors} processors",
            "less work for a sample: decode and resize once and keep the result, smaller images, augmentation on the "
            "GPU or on whole batches; more workers would not help here",
            evidence,
        )
    by_itself = _makes_its_own(window, wait, own, workers)
    if by_itself:
        number = _enough(window, wait, 0)
        return Cause(
            ", which the loop makes by itself" if workers == 0 else "",
            _loader(window, number, f"num_workers={number}, persistent_workers=True"),
            evidence,
        )
    if _nobody_computes(window, wait, own):
        return _outside(window, wait, workers, evidence)
    number = _enough(window, wait, workers)
    return Cause(
        f": {workers} loader workers are too few"
        if workers and workers > 1
        else ": one loader worker is too few"
        if workers
        else "",
        _loader(window, number, f"num_workers={number}, persistent_workers=True"),
        evidence,
    )


def cause_between(window: Window, between: float) -> Cause:
    """Of time between steps in which no DataLoader is waited for."""
    own = processors(window)
    evidence = _load(window, own, None)
    number = _enough(window, between, 0)
    advice = (
        f"make the batch in a Dataset's __getitem__ and load it by DataLoader(…, num_workers={number}, "
        "persistent_workers=True), which does so beside the step; benchtop.mark('…') tells what else is there"
    )
    if _nobody_computes(window, between, own):
        outside = _outside(window, between, 0, evidence)
        return Cause(outside.says, advice, outside.evidence)
    return Cause(", most likely in making a batch", advice, evidence)


def _in_few_steps(window: Window) -> bool:
    """Whether steps are long now and then, by as much as is waited; and most do not wait."""
    steps = window.steps
    if steps is None or not steps.data_wait_ns:
        return False
    over = steps.wall_ns - steps.median_ns * steps.count
    return over >= FEW * steps.data_wait_ns and steps.p95_ns < 2 * steps.median_ns


def _makes_its_own(window: Window, wait: float, own: float | None, workers: int | None) -> bool:
    """Whether the thread that waits computes all the while."""
    told = window.worker.means.get("data_wait_cpu_percent")
    if workers is not None:
        return workers == 0 and not _nobody_computes(window, wait, own)
    if told is not None:
        return told >= 100 * _own_part(window)
    # On CUDA the thread that launches is busy or spins: one processor in all, and no worker has another.
    return own is not None and on_gpu(window) and 0.8 <= own <= 1.3


def _own_part(window: Window) -> float:
    """A thread that has to wait for a processor computes for less of its time."""
    return OWN_PART * (0.4 if crowded(window) else 1.0)


def _nobody_computes(window: Window, wait: float, own: float | None) -> bool:
    """Whether the processors' time is no more than the rest of the step takes with one of them."""
    told = window.worker.means.get("data_wait_cpu_percent")
    if told is not None and told >= 100 * _own_part(window):
        return False
    if own is not None and own <= 1.1 * (1 - wait) + 0.05 and not crowded(window):
        return True
    if told is not None and _workers(window) == 0:
        return True
    return window.host.means.get("io_pressure_percent", 0.0) >= IO_PRESSURE


def _outside(window: Window, wait: float, workers: int | None, evidence: tuple[Evidence, ...]) -> Cause:
    means = window.host.means
    number = _enough(window, wait, workers or 0)
    more = _loader(window, number, f"num_workers={number}, prefetch_factor=4, persistent_workers=True")
    disk, network = means.get("disk_read_bytes_per_s", 0.0), means.get("network_receive_bytes_per_s", 0.0)
    pressure = means.get("io_pressure_percent", 0.0)
    read = Evidence(name="disk read", value=disk, unit="bytes/s", limit=MOVED_BYTES_PER_S, source="psutil")
    if disk >= max(MOVED_BYTES_PER_S, network) or pressure >= IO_PRESSURE:
        waited = Evidence(name="I/O pressure", value=pressure, unit="%", limit=IO_PRESSURE, source="proc")
        return Cause(
            f", which comes from disk at {disk / 1e6:,.0f} MB/s",
            f"{more} to have more reads at once; keep the data in memory or on a faster disk, in few large files",
            (*evidence, read, waited),
        )
    if network >= MOVED_BYTES_PER_S:
        received = Evidence(name="network in", value=network, unit="bytes/s", limit=MOVED_BYTES_PER_S, source="psutil")
        return Cause(
            f", which comes over the network at {network / 1e6:,.0f} MB/s",
            f"{more} to have more requests at once; copy the data to a local disk first",
            (*evidence, received),
        )
    return Cause(
        ", while no processor makes any",
        f"{more}: the loader waits for something that is not a processor (storage, a network, a lock, a pause)",
        evidence,
    )


def _enough(window: Window, wait: float, workers: int | None) -> int:
    """Workers that would make data as fast as it is used, within the processors there are.

    Now `workers` (or the loop itself, in the time that it waits) make what a step takes in all of its time.
    """
    allowed = max(1, window.logical_processors or 8)
    most = max(1, allowed - 1) if on_gpu(window) else allowed
    rest = max(0.02, 1 - wait)
    wanted = math.ceil(workers / rest) if workers else math.ceil(wait / rest) + 1
    if workers and _nobody_computes(window, wait, processors(window)):
        most = max(most, 2 * workers)
    return max((workers or 0) + 1, min(most, wanted)) if workers else max(1, min(most, wanted))


def _workers(window: Window) -> int | None:
    """How many processes make data; None: not known."""
    told = window.worker.means.get("loader_workers")
    if told is not None:
        return round(told)
    return None if window.hooked else whole_number(window, "workers")


def _load(window: Window, own: float | None, workers: int | None) -> tuple[Evidence, ...]:
    told = window.worker.means.get("data_wait_cpu_percent")
    found = (
        ("processors of the run", own, "", window.logical_processors, "proc"),
        ("loader workers", workers, "", None, "torch"),
        ("waiting thread at work", told, "%", 100 * OWN_PART, "torch"),
    )
    return tuple(
        Evidence(name=name, value=value, unit=unit, limit=limit, source=source)
        for name, value, unit, limit, source in found
        if value is not None
    )


def _loader(window: Window, number: int | None, script: str) -> str:
    return setting(window, "workers", number, f"DataLoader(…, {script})")
