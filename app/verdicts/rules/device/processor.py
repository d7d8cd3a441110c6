"""compute-bound and bandwidth-bound on a processor: its threads are busy, or its memory is as fast as a copy. Pure."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.calling import called_most
from app.verdicts.rules.device.roof import SATURATED
from app.verdicts.rules.occupied import torch_threads
from app.verdicts.rules.reached import Reached, reached
from app.verdicts.rules.readings import reading
from app.verdicts.rules.settings import doubled, setting
from app.verdicts.rules.telling import Confidence, limit, share_evidence, share_text, too_few, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

THREADS_BUSY: Final = 0.8
"""Of torch's threads. The rest is what every step has of serial work: of a tenth, two threads idle a twentieth."""
ONE_BUSY: Final = 0.8
"""Of one processor: a loop whose operators are too small to share keeps one of them busy, and no more."""
LARGEST_WAIT: Final = 0.1
"""Of the time in data wait: with more, the loop waits, and what is busy are those that it waits for."""
NEVER_FROM_MEMORY: Final = 1.1
"""Of the measured bandwidth: bytes that come faster than a copy's come from caches."""
NO_ARITHMETIC: Final = 1.0
"""FLOP a byte. Every processor needs several to be busy with arithmetic (Williams et al. 2009: 1 to 7 at the ridge)."""


def compute_bound_on_cpu(window: Window) -> Verdict | Missing | None:
    """The workload's own threads are busy, nothing waits, and it is not memory that they wait for."""
    if missing := too_few(window, "compute-bound"):
        return missing
    cpu = busy_processors(window)
    if cpu is None:
        return Missing(
            "compute-bound", f"CPU of the workload: {window.worker.absent.get('cpu_percent', 'no readings')}"
        )
    if called_most(window) is not None:
        return None  # threads that wait for the next operator spin, and look as busy
    got, threads = reached(window), compute_threads(window)
    share = None if threads is None else cpu / threads
    if _waits(window) or _moves_rather(window, got) or cpu < limit(window, "compute-bound", ONE_BUSY):
        return None
    spread = share is not None and share >= THREADS_BUSY
    confidence: Confidence = "low"
    if got.arithmetic is not None and got.arithmetic >= SATURATED / 100:
        confidence = "high"
    elif spread and not window.hooked:
        confidence = "medium"
    of = "" if threads is None else f" of {threads}"
    return verdict(
        window,
        "compute-bound",
        says=f"the workload keeps {cpu:.1f}{of} processors busy",
        evidence=(
            share_evidence(
                "CPU of the workload",
                cpu,
                limit=THREADS_BUSY * threads if spread and threads else ONE_BUSY,
                source="proc",
            ),
            *got.evidence(),
        ),
        try_this=_next(window, spread=spread),
        bound=1 / got.arithmetic if got.arithmetic else None,
        better=f"the {got.peak}",
        confidence=confidence,
        experiment="bfloat16" if spread and window.precision == "float32" else "double-batch",
    )


def bandwidth_bound_on_cpu(window: Window) -> Verdict | Missing | None:
    """Bytes that the operators ask for come nearly as fast as a copy's, and arithmetic is further from its limit."""
    if missing := too_few(window, "bandwidth-bound"):
        return missing
    started, got = window.started, reached(window)
    if started is None or (started.bytes_per_unit is not None and started.moves_over != "dram"):
        return None
    if got.bytes_per_s is None:
        return Missing("bandwidth-bound", "nobody counts the bytes that this workload moves through memory")
    share = got.bandwidth
    if share is None:
        return Missing("bandwidth-bound", "no copy was measured on this processor: benchtop run probe/copy")
    if not SATURATED / 100 <= share <= NEVER_FROM_MEMORY or (got.arithmetic or 0.0) >= share or _waits(window):
        return None
    return verdict(
        window,
        "bandwidth-bound",
        says=f"operators move {share_text(share)} of the measured memory bandwidth",
        evidence=(
            share_evidence("of the measured bandwidth", share, limit=SATURATED / 100, source="counted"),
            Evidence(name="bytes moved", value=got.bytes_per_s, unit="bytes/s", source="counted"),
            *(each for each in got.evidence() if each.unit == "FLOP/s"),
        ),
        try_this="fewer bytes for each operation: torch.compile fuses operators, "
        + setting(window, "precision", "bfloat16", 'torch.autocast("cpu", torch.bfloat16)')
        + " halves them",
        bound=1 / share,
        better="a copy's bandwidth",
        confidence="high" if not started.flops_per_unit else "medium",
        experiment="bfloat16" if started.flops_per_unit and window.precision == "float32" else "",
    )


def busy_processors(window: Window) -> float | None:
    """How many processors the workload's own processes keep busy; None without readings enough."""
    percent = reading(window.worker, "cpu_percent")
    return None if percent is None else percent / 100


def compute_threads(window: Window) -> int | None:
    """Threads that torch computes with, of all ranks: as it says or they were set, else a thread for each core."""
    ranks = max(1, window.started.ranks if window.started else 1)
    most = window.logical_processors
    each = torch_threads(window)
    if each is not None:
        return each * ranks if most is None else min(each * ranks, most)
    if most is None:
        return window.physical_cores
    return most if window.physical_cores is None else min(most, window.physical_cores)


def _waits(window: Window) -> bool:
    return window.steps is not None and window.steps.data_wait_share >= LARGEST_WAIT


def _moves_rather(window: Window, got: Reached) -> bool:
    """Whether so few operations belong to each byte that arithmetic cannot be the limit, or memory is nearer to it."""
    started = window.started
    if started is None or not started.bytes_per_unit or started.moves_over != "dram":
        return False
    if (started.flops_per_unit or 0.0) / started.bytes_per_unit < NO_ARITHMETIC:
        return True
    share = got.bandwidth
    return share is not None and SATURATED / 100 <= share <= NEVER_FROM_MEMORY and share > (got.arithmetic or 0.0)


def _next(window: Window, *, spread: bool) -> str:
    if not spread:
        line = "more work a call, such as a larger batch: its operators are too small for torch to share among threads"
        return setting(window, "batch", doubled(window), line)
    if window.precision == "float32":
        line = 'torch.autocast("cpu", torch.bfloat16) where the processor has AMX or AVX512-BF16; else more processors'
        return setting(window, "precision", "bfloat16", line)
    return "more processors, or a smaller model"
