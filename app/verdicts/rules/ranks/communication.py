"""communication-bound: all ranks wait for gradients on their way, although none is slower than the others."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.ranks.by_device import exchanging_devices
from app.verdicts.rules.ranks.own_work import absent_ranks, backward_ratio, exchange, unmeasured
from app.verdicts.rules.readings import on_cpu
from app.verdicts.rules.settings import doubled, setting
from app.verdicts.rules.telling import Confidence, limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import StepSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

LARGEST_SHARE: Final = 0.2
"""Of the step that even the rank that waits least spends on it, beside what backward hides (Li et al. 2020, PyTorch
Distributed, overlap of computation with communication). Two H100s with NVLink leave 1.2 % in train/gpt; from a fifth
on, more work for each exchange is worth more than most other changes."""
LARGEST_RATIO: Final = 3.0
"""Backward's own time, of forward's: it has twice the operations (Kaplan et al. 2020, section 2.1), and on a processor
up to half as much again. What it takes beyond is the exchange, where nobody measures that apart."""


def communication_bound(window: Window) -> Verdict | Missing | None:
    """The smallest wait of all ranks is a fifth of the step or more: what a straggler costs is not in that."""
    if not exchange(window):
        return None
    if missing := too_few(window, "communication-bound"):
        return missing
    if lacks := absent_ranks(window):
        return Missing("communication-bound", lacks)
    measured = all(each.steps.comm_ns is not None for each in window.ranks)
    waits = {each.rank: _waits_ns(window, each.steps) for each in window.ranks}
    if len(waits) < 2 or any(wait is None for wait in waits.values()):
        return exchanging_devices(window) or Missing("communication-bound", unmeasured(window))
    shares = {
        each.rank: (waits[each.rank] or 0.0) / each.steps.wall_ns for each in window.ranks if each.steps.wall_ns > 0
    }
    share = min(shares.values(), default=0.0)
    if share < limit(window, "communication-bound", LARGEST_SHARE):
        return None
    return _told(window, share, shares, "high" if measured else "medium")


def _told(window: Window, share: float, shares: dict[int, float], confidence: Confidence) -> Verdict:
    most = max(shares, key=lambda rank: shares[rank])
    return lost(
        window,
        "communication-bound",
        share=share,
        without="no exchange",
        says=f"every rank waits at least {share_text(share)} of the time for the exchange of gradients",
        evidence=(
            share_evidence("smallest wait of a rank", share, limit=LARGEST_SHARE),
            share_evidence(f"largest, rank {most}", shares[most]),
            Evidence(name="ranks", value=len(shares), source="steps"),
        ),
        try_this=_next(window),
        confidence=confidence,
        experiment="double-batch",
    )


def _waits_ns(window: Window, steps: StepSums) -> float | None:
    """Measured; else, on a processor, what backward takes beyond what belongs to its forward."""
    if steps.comm_ns is not None:
        return float(steps.comm_ns)
    ratio = backward_ratio(steps)
    if not on_cpu(window) or ratio is None or steps.forward_ns is None:
        return None
    return max(0.0, (ratio - LARGEST_RATIO) * steps.forward_ns)


def _next(window: Window) -> str:
    line = (
        "more work for each exchange: a larger batch a rank, or model.no_sync() for all but every fourth backward; "
        "fewer bytes: model.register_comm_hook(None, default_hooks.bf16_compress_hook)"
    )
    return setting(window, "batch", doubled(window), line)
