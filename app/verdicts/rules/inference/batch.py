"""batch-too-small: requests wait, and the device is not filled by those that it is given at once."""

from __future__ import annotations

from typing import Final

from app.text.numbers import count
from app.verdicts.rules.calling import called_most
from app.verdicts.rules.device.processor import busy_processors, compute_threads
from app.verdicts.rules.device.roof import SATURATED, SM_INEFFECTIVE
from app.verdicts.rules.inference.serving import batch_size, mean_waiting, serves, serving_share
from app.verdicts.rules.occupied import crowded, others
from app.verdicts.rules.reached import reached
from app.verdicts.rules.readings import activity, gauge_evidence, on_cpu, on_gpu, why_absent
from app.verdicts.rules.settings import doubled, parameter, setting
from app.verdicts.rules.telling import CRITICAL_SHARE, share_evidence, share_text, too_few, verdict
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

SERVES: Final = 0.8
"""Of the time: a server that is idle for more than a fifth of it lacks requests, and no larger batch."""
WAITING: Final = 1.0
"""Requests, on average: one that could have come along each time."""
SMALL: Final = 8.0
"""Samples a call. Of a script with more, whose next inputs nobody knows, kernels are the likelier reason; and small
layers stay far below the peak at any batch."""
FEW_PROCESSORS: Final = 0.6
"""Of torch's threads: an operator on few numbers is not shared among them (torch's grain is 32,768 of them)."""
FEW_FLOPS, NO_PRODUCTS = 2.0, 0.2
"""FLOP a byte, of a script whose operators were counted. Products read each weight of 4 bytes for two operations a
sample, so a batch of b does b / 2 a byte, and every processor could do several (1 to 7 at the ridge, Williams et al.
2009): up to a batch of 4 the next sample costs next to nothing. With less than the second there are hardly any
products, whose weights a larger batch would share."""
LITTLE_ARITHMETIC: Final = 0.1
"""Of the measured peak. At one request each weight is read for two operations, and at a batch of b for 2b: so far below
the roof time does not go into arithmetic, and more of it costs little (roofline, Williams et al. 2009)."""


def batch_too_small(window: Window) -> Verdict | Missing | None:
    """More would help: somebody waits while the device is less than half used."""
    requests = serves(window)
    if requests is None:
        return None
    if missing := too_few(window, "batch-too-small"):
        return missing
    share = serving_share(window, requests)
    if (share is not None and share < SERVES) or not _somebody_waits(window, requests):
        return None
    size = batch_size(requests)
    used = _used(window, size)
    if isinstance(used, Missing) or used is None:
        return used
    part, says, evidence = used
    waiting = mean_waiting(window, requests)
    bound = 1 / part if part > 0 else None
    return verdict(
        window,
        "batch-too-small",
        severity="critical" if bound is not None and part < CRITICAL_SHARE else "warning",
        says=f"{_text(size)} at once, and {says}"
        + ("" if waiting is None else f", while {count(round(waiting))} requests wait"),
        evidence=(
            *evidence,
            Evidence(name="batch", value=size, source="requests"),
            *(
                ()
                if waiting is None
                else (Evidence(name="requests waiting", value=waiting, limit=WAITING, source="requests"),)
            ),
            *(() if share is None else (share_evidence("time in service", share, limit=SERVES, source="requests"),)),
        ),
        try_this=_next(window),
        bound=bound,
        better="batches that fill the device",
        confidence="medium" if waiting is None else "high",
        experiment="double-batch",
    )


def _somebody_waits(window: Window, requests: RequestSums) -> bool:
    """A script that calls its model again and again has the next inputs; one that tells text waits for its reader."""
    waiting = mean_waiting(window, requests)
    if waiting is not None:
        return waiting >= WAITING
    return window.hooked and not requests.gaps and batch_size(requests) <= SMALL


def _used(window: Window, size: float) -> tuple[float, str, tuple[Evidence, ...]] | Missing | None:
    """How much of the device is used, and in words; None where it is used well."""
    if on_gpu(window):
        return _of_gpu(window)
    return _of_cpu(window, size) if on_cpu(window) else None


def _of_gpu(window: Window) -> tuple[float, str, tuple[Evidence, ...]] | Missing | None:
    seen = activity(window)
    if seen.sm is None:
        return Missing("batch-too-small", why_absent(window, "sm_active_percent"))
    if seen.sm >= SM_INEFFECTIVE or max(seen.dram or 0.0, seen.arithmetic or 0.0) >= SATURATED:
        return None
    words = f"multiprocessors are active {share_text(seen.sm / 100)} of the time"
    return (
        seen.sm / 100,
        words,
        (
            *gauge_evidence(window, "sm_active_percent", SM_INEFFECTIVE),
            *gauge_evidence(window, "graphics_active_percent"),
        ),
    )


def _of_cpu(window: Window, size: float) -> tuple[float, str, tuple[Evidence, ...]] | Missing | None:
    cpu, threads, measured = busy_processors(window), compute_threads(window), reached(window).shares.mfu_measured
    if cpu is None or threads is None:
        return Missing("batch-too-small", "how busy the processors are is not known")
    # What others take is not there to be used.
    free = min(float(threads), (window.logical_processors or threads) - (others(window) or 0.0))
    if measured is not None and measured < LITTLE_ARITHMETIC and size <= SMALL and not crowded(window):
        words = f"arithmetic reaches {share_text(measured)} of the measured peak"
        limit = (share_evidence("of the measured peak", measured, limit=LITTLE_ARITHMETIC, source="counted"),)
        # Other limits come long before the peak, so nothing is promised.
        return 0.0, words, limit
    if size <= SMALL and (counted := _counted(window)) is not None:
        return counted
    part = cpu / max(cpu, free)
    if threads < 2 or part >= FEW_PROCESSORS:
        return None
    words = f"{cpu:.1f} of {threads} processors work"
    evidence = share_evidence("CPU of the workload", cpu, limit=FEW_PROCESSORS * threads, source="proc")
    return part, words, (evidence,)


def _counted(window: Window) -> tuple[float, str, tuple[Evidence, ...]] | None:
    """Of a script: weights that are read for next to no arithmetic, or operators that do less than it takes to call
    them. Both are there again for each sample that comes alone, and what they are worth depends on the model.
    """
    started = window.started
    if not window.hooked or started is None or started.flops_per_unit is None or not started.bytes_per_unit:
        return None
    intensity = started.flops_per_unit / started.bytes_per_unit
    if NO_PRODUCTS <= intensity < FEW_FLOPS:
        words = f"operators do {intensity:.1f} FLOP for each byte that they move"
        return 0.0, words, (Evidence(name="FLOP a byte", value=intensity, limit=FEW_FLOPS, source="counted"),)
    calls = called_most(window)
    if calls is None:
        return None
    return 0.0, f"calling operators takes {share_text(min(1.0, calls.share))} of the time or more", calls.evidence


def _text(size: float) -> str:
    if size < 1.5:
        return "one request is served"
    return f"{size:.0f} requests are served"


def _next(window: Window) -> str:
    most, largest = parameter(window, "max_batch"), parameter(window, "batch")
    if isinstance(most, int) and isinstance(largest, int) and 0 < most < largest:
        return setting(window, "max_batch", min(2 * most, largest), "")
    return setting(window, "batch", doubled(window), "several inputs a call: model(torch.stack(inputs))")
