"""launch-bound: the host cannot start work as fast as the device, or the processors, would do it."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import amdahl
from app.verdicts.rules.calling import CALL_NS, called_most, calling
from app.verdicts.rules.host.sync import explained_by_reads
from app.verdicts.rules.host.transfer import exposed_copies
from app.verdicts.rules.inference.serving import answering_share
from app.verdicts.rules.occupied import (
    BETWEEN,
    Occupied,
    between_steps,
    crowded,
    emptying,
    exposed_exchange,
    exposed_wait,
    gpu_busy,
    processors,
    torch_threads,
)
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.settings import doubled_batch, parameter, setting
from app.verdicts.rules.telling import (
    CRITICAL_SHARE,
    LARGEST_SHARE,
    WORTH_TELLING,
    Severity,
    limit,
    lost,
    pauses,
    share_evidence,
    share_text,
    too_few,
    verdict,
)
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

IDLE: Final = 0.2
"""Of the time, that the GPU is idle and nothing else explains. NVIDIA's guide to CUDA graphs calls GPU utilization
below 80 % with many small kernels the sign of a workload that launches limit."""

AHEAD: Final = 0.2
"""Of the step: a GPU that is behind the host by more than this when a step was given has work in store."""

SERVING: Final = 0.5
"""Of the time: a server that is idle for more of it lacks requests, and nothing can be said of its launches."""

ONE: Final = 1.15
"""Processors: one thread, and a little of what runs beside it."""

SLOWEST_TINY_NS: Final = 3_000_000
"""A step on the CPU that is shorter has a few dozen operators (some 10 µs each are torch's own part), and a small model
is what it is; a longer one that never uses a second thread has hundreds of them, or code of its own in between."""


FEW_OPERATORS: Final = 300
"""A step: some ten layers have that many, forward, backward and optimizer. A smaller model is what it is, and is told
so without a warning; so is a part of the step below `WORTH_TELLING`."""


def launch_bound(window: Window) -> Verdict | Missing | None:
    """The GPU is idle, and neither data, copies, reads, ranks nor pauses explain it; or too small operators."""
    if missing := too_few(window, "launch-bound"):
        return missing
    if not on_gpu(window):
        return _on_the_cpu(window)
    busy = gpu_busy(window)
    if busy is None:
        return Missing("launch-bound", "the GPU tells no activity")
    serving = 1.0 if window.requests is None or window.steps is not None else _serving(window, window.requests)
    idle = max(0.0, serving - busy.share)
    if serving < SERVING or idle < limit(window, "launch-bound", IDLE) or _in_store(window):
        return None
    explained = min(idle, _explained(window, busy, idle))
    if idle - explained < limit(window, "launch-bound", IDLE):
        return None
    steps = window.steps
    evidence = [busy.evidence, share_evidence("idle without another reason", idle - explained, limit=IDLE)]
    if steps is not None and steps.ahead_ns is not None:
        evidence.append(Evidence(name="device behind the host", value=steps.ahead_ns / steps.count, unit="ns"))
    if steps is not None and steps.launches is not None:
        evidence.append(Evidence(name="launches a step", value=steps.launches / steps.count, source="steps"))
    if window.started is not None and window.started.operators_per_step:
        evidence.append(Evidence(name="operators a step", value=window.started.operators_per_step, source="counted"))
    return lost(
        window,
        "launch-bound",
        share=(idle - explained) / serving,
        without="no waiting for the host",
        says=f"the GPU is idle {share_text(1 - busy.share)} of the time, waiting for the host to start kernels",
        evidence=evidence,
        try_this=_advice(window),
        confidence="high" if steps is not None and steps.ahead_ns is not None else "medium",
        experiment="double-batch" if window.hooked else "cuda-graph",
    )


def _in_store(window: Window) -> bool:
    """Whether the GPU had work of the host in store at the end of a step, so that launches are not what it lacks."""
    steps = window.steps
    if steps is None or steps.ahead_ns is None or not steps.wall_ns:
        return False
    return steps.ahead_ns - (steps.sync_ns or 0) >= AHEAD * steps.wall_ns


def _explained(window: Window, busy: Occupied, idle: float) -> float:
    """Part of the time that the GPU is idle for another reason."""
    steps, between = window.steps, between_steps(window)
    waits = 0.0 if steps is None else (exposed_wait(steps) or 0.0) + exposed_exchange(steps, busy)
    by_hand = between if between >= BETWEEN else 0.0
    host = explained_by_reads(window, idle) + pauses(window) + emptying(window)
    return waits + host + exposed_copies(window) + by_hand


def _serving(window: Window, requests: RequestSums) -> float:
    """Part of the time in which at least one batch is served; 1 where it cannot be told."""
    if requests.seconds <= 0 or not requests.count:
        return 1.0
    share = answering_share(window, requests)
    return 1.0 if share is None else min(1.0, share)


def _advice(window: Window) -> str:
    for name in ("graphs", "compile"):
        if not window.hooked and parameter(window, name) is False:
            return f"{setting(window, name, True, '')}, or {doubled_batch(window)}"
    if not window.hooked and window.started is not None:
        return f"{doubled_batch(window)}; fewer and larger kernels"
    return (
        'torch.compile(model, mode="reduce-overhead") (a CUDA graph: one launch for all of its kernels), '
        f"{doubled_batch(window)}, optimizer(…, fused=True)"
    )


def _on_the_cpu(window: Window) -> Verdict | None:
    """Operators that do less than it takes to call them; of those that nobody counted, so small that none is shared."""
    return _by_threads(window) if calling(window) is None else _counted(window)


def _counted(window: Window) -> Verdict | None:
    counted = called_most(window)
    if counted is None:
        return None
    share = min(counted.share, LARGEST_SHARE)
    severity: Severity = "info"
    if counted.operators >= FEW_OPERATORS and counted.share >= WORTH_TELLING:
        severity = "critical" if share > CRITICAL_SHARE else "warning"
    each_us, work_us = (time_ns / counted.operators / 1e3 for time_ns in (counted.wall_ns, counted.work_ns))
    return verdict(
        window,
        "launch-bound",
        severity=severity,
        says=f"a step is {counted.operators:,.0f} operators of {each_us:.1f} µs: to call one takes some "
        f"{CALL_NS / 1e3:.0f} µs, its own work {work_us:.1f} µs at most",
        evidence=counted.evidence,
        try_this=_larger_operators(window),
        bound=amdahl(share),
        better="no calls of operators",
        confidence="medium",
        experiment="double-batch",
    )


def _larger_operators(window: Window) -> str:
    return (
        f"fewer and larger operators: {doubled_batch(window)}, one operator on a stack in the place of a loop over its "
        "parts, torch.compile(model)"
    )


def _by_threads(window: Window) -> Verdict | None:
    """Operators so small that none is shared out over threads: what torch and Python do around them is most of it."""
    steps, own, threads = window.steps, processors(window), torch_threads(window)
    if steps is None or own is None or threads is None or not window.logical_processors:
        return None
    could = min(threads, window.logical_processors)
    if (
        could < 2
        or steps.data_wait_share >= WORTH_TELLING
        or own > ONE
        or own < 0.8
        or steps.median_ns < SLOWEST_TINY_NS
    ):
        return None
    if crowded(window):
        return None
    evidence = [
        Evidence(name="processors of the run", value=own, limit=ONE, source="proc"),
        Evidence(name="torch threads", value=threads, source="torch"),
        Evidence(name="step time", value=steps.median_ns, unit="ns", limit=SLOWEST_TINY_NS, source="steps"),
    ]
    if steps.launches is not None:
        evidence.append(Evidence(name="operators a step", value=steps.launches / steps.count, source="steps"))
    bound = could / max(1.0, own)
    return verdict(
        window,
        "launch-bound",
        severity="warning",
        says=f"one of {could} processors works; operators are too small for more, torch and Python around them take "
        "the time",
        evidence=evidence,
        try_this=_larger_operators(window),
        bound=bound,
        because=f"work for all {could} processors would give at most {bound:.2f}×, less overhead even more",
        confidence="low",
        experiment="double-batch",
    )
