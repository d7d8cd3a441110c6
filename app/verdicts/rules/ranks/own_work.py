"""What each rank does itself in a step, without waiting for others, and in which parts. Pure.

Where the wait for others is measured it is taken off backward. Of a script on the processor that is only listened to
it is not, but every rank's backward belongs to its forward: the rank that takes least for it, for its size, waits
least, and what the others take beyond that is waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from app.verdicts.rules.readings import on_cpu
from app.verdicts.window import StepSums, Window

PARTS: Final = {
    "data_wait_ns": "data wait",
    "h2d_ns": "host to device",
    "forward_ns": "forward",
    "backward_ns": "backward",
    "optimizer_ns": "optimizer",
}
BETWEEN: Final = "between its parts"


class OwnWork(msgspec.Struct, frozen=True, kw_only=True):
    """Of one rank, means of a step in nanoseconds."""

    rank: int
    wall_ns: float
    own_ns: float
    parts: Mapping[str, float]
    """In words → time; backward without the wait for others."""


class Works(msgspec.Struct, frozen=True, kw_only=True):
    """Of all ranks."""

    each: tuple[OwnWork, ...]
    measured: bool
    """Whether the wait for others was measured apart, and not worked out from forward and backward."""


def exchange(window: Window) -> bool:
    """Whether there are ranks that work together, and more than to exchange things."""
    started = window.started
    return bool(window.ranks) and (started is None or not (started.apart or started.moves_over == "ranks"))


def own_works(window: Window) -> Works | None:
    """None where what a rank waits for others can neither be measured nor worked out."""
    if all(of.steps.comm_ns is not None for of in window.ranks):
        each = [_own(of.rank, of.steps, float(of.steps.comm_ns or 0)) for of in window.ranks if of.steps.count]
        return Works(each=tuple(each), measured=True)
    ratios = {of.rank: ratio for of in window.ranks if (ratio := backward_ratio(of.steps)) is not None}
    if not on_cpu(window) or len(ratios) < len(window.ranks):
        return None
    least = min(ratios.values())
    each = [
        _own(of.rank, of.steps, max(0.0, (of.steps.backward_ns or 0) - least * (of.steps.forward_ns or 0)))
        for of in window.ranks
    ]
    return Works(each=tuple(each), measured=False)


def backward_ratio(steps: StepSums) -> float | None:
    """How many times as long as forward backward takes; None where one of them is not measured."""
    return steps.backward_ns / steps.forward_ns if steps.backward_ns and steps.forward_ns else None


def absent_ranks(window: Window) -> str:
    """Which ranks have no steps, in a line; empty where all have."""
    known = {each.rank for each in window.ranks}
    without = [str(rank) for rank in range(window.started.ranks if window.started else 0) if rank not in known]
    if not without:
        return ""
    return f"no steps of rank {', '.join(without[:8])} in the last {window.seconds:.0f} s"


def unmeasured(window: Window) -> str:
    """Which ranks' wait for others is not measured, in a line."""
    silent = [str(each.rank) for each in window.ranks if each.steps.comm_ns is None]
    return f"the wait for other ranks is not measured apart (rank {', '.join(silent[:8])})"


def _own(rank: int, steps: StepSums, comm_ns: float) -> OwnWork:
    wall = steps.wall_ns / steps.count
    own = max(0.0, (steps.wall_ns - comm_ns) / steps.count)
    parts = {}
    for name, words in PARTS.items():
        total = getattr(steps, name)
        if total is not None:
            waits = comm_ns if name == "backward_ns" else 0.0
            parts[words] = max(0.0, total - waits) / steps.count
    parts[BETWEEN] = max(0.0, own - sum(parts.values()))
    return OwnWork(rank=rank, wall_ns=wall, own_ns=own, parts=parts)
