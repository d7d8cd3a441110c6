"""What each rank does itself in a step, without waiting for others, and in which parts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from app.verdicts.window import RankSums, StepSums, Window

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


def own_work(of: RankSums) -> OwnWork | None:
    """None where the wait for others is not measured: it is then somewhere in the parts."""
    steps = of.steps
    if steps.comm_ns is None or not steps.count:
        return None
    wall, comm = steps.wall_ns / steps.count, steps.comm_ns / steps.count
    return OwnWork(rank=of.rank, wall_ns=wall, own_ns=wall - comm, parts=_parts(steps))


def lacking(window: Window) -> str:
    """Which rank's wait for others is not known, and why nothing can be said then; empty where all are."""
    ranks = window.started.ranks if window.started else len(window.ranks)
    if len(window.ranks) < ranks:
        known = {each.rank for each in window.ranks}
        without = [str(rank) for rank in range(ranks) if rank not in known]
        return f"no steps of rank {', '.join(without[:8])} in the last {window.seconds:.0f} s"
    silent = [str(each.rank) for each in window.ranks if each.steps.comm_ns is None]
    if silent:
        return f"the wait for other ranks is not measured apart (rank {', '.join(silent[:8])}); with DDP it is"
    return ""


def _parts(steps: StepSums) -> dict[str, float]:
    parts = {}
    for name, words in PARTS.items():
        total = getattr(steps, name)
        if total is not None:
            waits = steps.comm_ns or 0 if name == "backward_ns" else 0
            parts[words] = max(0, total - waits) / steps.count
    own = (steps.wall_ns - (steps.comm_ns or 0)) / steps.count
    parts[BETWEEN] = max(0.0, own - sum(parts.values()))
    return parts
