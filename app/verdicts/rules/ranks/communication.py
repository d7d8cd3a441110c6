"""communication-bound: all ranks wait for gradients on their way, although none is slower than the others."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.ranks.own_work import lacking
from app.verdicts.rules.settings import doubled, setting
from app.verdicts.rules.telling import limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

LARGEST_SHARE: Final = 0.2
"""Of the step that even the rank that waits least spends on it, beside what backward hides (Li et al. 2020, PyTorch
Distributed, overlap of computation with communication). Two H100s with NVLink leave 1.2 % in train/gpt; from a fifth
on, more work for each exchange is worth more than most other changes."""


def communication_bound(window: Window) -> Verdict | Missing | None:
    """The smallest wait of all ranks is a fifth of the step or more: what a straggler costs is not in that."""
    if not window.ranks or (window.started is not None and window.started.moves_over == "ranks"):
        return None
    if missing := too_few(window, "communication-bound"):
        return missing
    if lacks := lacking(window):
        return Missing("communication-bound", lacks)
    shares = {each.rank: (each.steps.comm_ns or 0) / each.steps.wall_ns for each in window.ranks if each.steps.wall_ns}
    if len(shares) < 2 or min(shares.values()) < limit(window, "communication-bound", LARGEST_SHARE):
        return None
    share = min(shares.values())
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
        confidence="high",
        experiment="double-batch",
    )


def _next(window: Window) -> str:
    line = (
        "more work for each exchange: a larger batch a rank, or model.no_sync() for all but every fourth backward; "
        "fewer bytes: model.register_comm_hook(None, default_hooks.bf16_compress_hook)"
    )
    return setting(window, "batch", doubled(window), line)
