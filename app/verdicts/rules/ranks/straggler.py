"""straggler: one rank has more work of its own than the others, and they wait for it in every step."""

from __future__ import annotations

from statistics import fmean, median
from typing import Final

from app.verdicts.rules.ranks.by_device import straggling_device
from app.verdicts.rules.ranks.own_work import (
    BETWEEN,
    OwnWork,
    Works,
    absent_ranks,
    exchange,
    own_works,
    unmeasured,
)
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.telling import limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

LARGEST_SHARE: Final = 0.1
"""Of the step. Clocks of boards of one kind differ by a few per cent under the same load; from a tenth on a job counts
among those with stragglers in Lin et al. (2025, Understanding stragglers in large model training using what-if
analysis)."""


def straggler(window: Window) -> Verdict | Missing | None:
    """The slowest rank's own work exceeds the median of the others' by a tenth of the step or more."""
    if not exchange(window):
        return None
    if missing := too_few(window, "straggler"):
        return missing
    if lacks := absent_ranks(window):
        return Missing("straggler", lacks)
    works = own_works(window)
    if works is None:
        found = straggling_device(window, limit(window, "straggler", LARGEST_SHARE)) if on_gpu(window) else None
        return Missing("straggler", unmeasured(window)) if found is None else found
    return _among(window, works) if len(works.each) > 1 else None


def lags_between(window: Window) -> bool:
    """Whether there is a straggler, and what it does beyond the others is between the parts of its steps."""
    works = own_works(window)
    return works is not None and isinstance(straggler(window), Verdict) and _part(*_apart(works))[0] == BETWEEN


def _apart(works: Works) -> tuple[OwnWork, list[OwnWork]]:
    """The slowest, and the others."""
    slowest = max(works.each, key=lambda work: work.own_ns)
    return slowest, [work for work in works.each if work is not slowest]


def _among(window: Window, works: Works) -> Verdict | None:
    slowest, others = _apart(works)
    usual = median(work.own_ns for work in others)
    wall = fmean(work.wall_ns for work in works.each)
    share = (slowest.own_ns - usual) / wall
    if share < limit(window, "straggler", LARGEST_SHARE):
        return None
    part, more_ns = _part(slowest, others)
    return lost(
        window,
        "straggler",
        share=share,
        without="no wait for it",
        says=f"rank {slowest.rank} takes {slowest.own_ns / max(1.0, usual):.2f} times as long as the others, most of "
        f"it in {part}; they wait {share_text(share)} of the time",
        evidence=(
            share_evidence("wait for the slowest rank", share, limit=LARGEST_SHARE),
            Evidence(name=f"own work of rank {slowest.rank}", value=slowest.own_ns, unit="ns", source="steps"),
            Evidence(name="own work of the others", value=usual, unit="ns", source="steps"),
            Evidence(name=f"more in {part}", value=more_ns, unit="ns", source="steps"),
        ),
        try_this=_next(window, slowest.rank, part),
        confidence="high" if works.measured else "medium",
        rank=slowest.rank,
    )


def _part(slowest: OwnWork, others: list[OwnWork]) -> tuple[str, float]:
    """The part in which it loses most, and how much that is of a step."""
    more = {name: time - median(other.parts.get(name, 0.0) for other in others) for name, time in slowest.parts.items()}
    part = max(more, key=lambda name: more[name])
    return part, more[part]


def _next(window: Window, rank: int, part: str) -> str:
    if part == "data wait":
        return f"look at what feeds rank {rank}: its files, its DataLoader's workers, its processors (taskset -p PID)"
    if part == "host to device":
        return f"look which slot and NUMA node rank {rank}'s device hangs on: nvidia-smi topo -m"
    if part == BETWEEN:
        return f"look at what rank {rank} alone does between steps: making batches, logging, checkpoints"
    if window.device.startswith("cpu"):
        return (
            f"look whether rank {rank} has larger batches (a sampler by length evens them) and who uses its processors"
        )
    return f"look whether rank {rank} has larger batches, and at its device: nvidia-smi -q -d PERFORMANCE,CLOCK"
