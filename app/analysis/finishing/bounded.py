"""What a manifest holds at most: a run of days says some things a hundred thousand times, and a list reads them all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeVar

from workloads.wire.frames import Finding, Phase

MOST: Final = 2_000
"""Findings, and processes that said Hello: a sampler that is started again and again says both."""
MOST_SCORES: Final = 20_000
MOST_PHASES: Final = 20_000

_Item = TypeVar("_Item")


def ends(items: Sequence[_Item], most: int) -> list[_Item]:
    """All of them, or the first half of `most` and the last."""
    return list(items) if len(items) <= most else [*items[: most // 2], *items[-(most - most // 2) :]]


def few_findings(findings: Sequence[Finding], at_ns: int) -> list[Finding]:
    """The first and the last ones, and how many are left out between them."""
    if len(findings) <= MOST:
        return list(findings)
    message = f"{len(findings) - MOST:,} findings between the first and the last {MOST // 2:,} were left out"
    return [*ends(findings, MOST), Finding(at_ns=at_ns, kind="left-out", message=message)]


def few_phases(phases: Sequence[Phase]) -> list[Phase]:
    """All of them; of very many, those that go on with what the one before was are a part of it, whatever their mark.

    What was measured, and when, stays as it was.
    """
    if len(phases) <= MOST_PHASES:
        return list(phases)
    return [*phases[:1], *(phase for before, phase in pairwise(phases) if _what(phase) != _what(before))]


def _what(phase: Phase) -> tuple[object, ...]:
    return phase.phase, phase.case, phase.flops_per_unit, phase.bytes_per_unit
