"""Which of several verdicts is the primary one: the worst first, and a cause before what it brings about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from app.verdicts.kinds import SIDES
from workloads.wire.frames import Missing, Verdict

SEVERITIES: Final = {"info": 0, "warning": 1, "critical": 2}

BRINGS_ABOUT: Final[dict[str, frozenset[str]]] = {
    # The machine first: what takes the processors or the memory away makes every part of a step slow.
    "swapping": frozenset({"input-bound", "cpu-contention", "launch-bound", "periodic-stall", "drift", "straggler"}),
    # What is kept slows steps down only by way of these: a longer and longer walk over it is a drift of its own.
    "memory-growth": frozenset({"swapping", "memory-nearly-full", "allocator-churn", "garbage-collection"}),
    "cpu-contention": frozenset(
        {"input-bound", "launch-bound", "generator-limited", "straggler", "drift", "periodic-stall"}
    ),
    "too-many-threads": frozenset(
        {"cpu-contention", "input-bound", "launch-bound", "generator-limited", "periodic-stall", "drift"}
    ),
    # What is measured while steps still become shorter is not what the run will do; what fills meanwhile are caches.
    "warming-up": frozenset(
        {
            *("input-bound", "transfer-bound", "sync-bound", "launch-bound", "low-occupancy", "batch-too-small"),
            *("periodic-stall", "tensor-cores-unused", "memory-growth"),
        }
    ),
    # The program: what stops it now and then, and what it waits for.
    "recompiling": frozenset({"launch-bound", "periodic-stall", "drift", "warming-up", "sync-bound", "low-occupancy"}),
    "garbage-collection": frozenset({"periodic-stall", "launch-bound", "low-occupancy"}),
    "memory-nearly-full": frozenset({"allocator-churn"}),
    "allocator-churn": frozenset({"sync-bound", "launch-bound", "periodic-stall", "low-occupancy"}),
    # What launch-bound tells is idle for none of their reasons: it is the rest, and stands by what it is worth itself.
    "input-bound": frozenset(
        {"low-occupancy", "tensor-cores-unused", "batch-too-small", "straggler", "communication-bound"}
    ),
    "transfer-bound": frozenset({"sync-bound", "low-occupancy"}),
    # Reads in a step forbid what would help slow launches most: see the rule.
    "sync-bound": frozenset({"launch-bound", "low-occupancy"}),
    "launch-bound": frozenset({"low-occupancy", "tensor-cores-unused"}),
    "periodic-stall": frozenset({"low-occupancy"}),
    # Many ranks: whoever waits for a slow one says that it communicates.
    "straggler": frozenset({"communication-bound"}),
    "communication-bound": frozenset({"low-occupancy"}),
    # Serving. Where a queue grows without end, latencies tell how long it was watched, and what would serve more comes
    # second. A small batch leaves the device idle, and one that is too small makes every token read all weights.
    "queue-saturated": frozenset(
        {
            *("batch-too-small", "prefill-compute-bound", "decode-bandwidth-bound", "launch-bound", "low-occupancy"),
            *("compute-bound", "bandwidth-bound", "tensor-cores-unused"),
        }
    ),
    "generator-limited": frozenset({"batch-too-small", "low-occupancy", "launch-bound"}),
    "batch-too-small": frozenset({"decode-bandwidth-bound", "low-occupancy", "launch-bound"}),
    "decode-bandwidth-bound": frozenset({"bandwidth-bound"}),
    # The device: heat lowers the power that it may take, that the clock, and that what it computes.
    "thermally-throttled": frozenset({"power-capped", "compute-bound", "bandwidth-bound", "drift"}),
    "power-capped": frozenset({"compute-bound"}),
    "tensor-cores-unused": frozenset({"compute-bound", "prefill-compute-bound"}),
}
"""Kind → what it brings about: these stand behind it, whatever they would be worth by themselves."""

IN_PART: Final = frozenset(
    {"swapping", "memory-growth", "cpu-contention", "too-many-threads", "recompiling", "garbage-collection"}
)
"""These are there often, and then explain a part of what they bring about: the whole only where they lose a good part
of the time themselves."""
GOOD_PART: Final = 0.5
"""Of the time that is lost by what is brought about."""
DISTURBED: Final = frozenset({"swapping", "cpu-contention"})
"""Others on the machine: what else is slow, and by how much, is not known before they are gone."""
DISTURBANCE: Final = 0.2
"""Of the run's time that they take: with less, most of what is measured is the run's own."""

ENDS_THE_RUN: Final = frozenset({"memory-growth"})
"""What these are worth where they are critical nobody can say in time won: the run ends by them, and soon, so that all
else that could be had of it comes second."""

_KINDS: Final = (*BRINGS_ABOUT, *(kind for kinds in SIDES.values() for kind in kinds if kind not in BRINGS_ABOUT))


def _chain(kind: str) -> int:
    """How many follow from it at most, one from the other."""
    return 1 + max(map(_chain, BRINGS_ABOUT.get(kind, ())), default=0)


ORDER: Final[dict[str, int]] = {kind: place for place, kind in enumerate(sorted(_KINDS, key=_chain, reverse=True))}
"""Of two that are worth the same, the one that is nearer to the causes comes first."""


def ranked(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The primary verdict first.

    By severity, then by what each would be worth, then by the order of causes. A warning takes the rank of the gravest
    thing that it brings about: to remove what is seen is of no use while its cause is there. Causes that explain things
    in part do so where they lose at least half as much time.
    """
    ranks = {verdict.kind: _rank(verdict) for verdict in verdicts}

    def inherited(kind: str, seen: frozenset[str]) -> tuple[int, float]:
        own = ranks[kind]
        if not own[0]:
            return own
        followers = BRINGS_ABOUT.get(kind, frozenset()) & ranks.keys() - seen
        explained = (each for each in followers if kind not in IN_PART or _explains(kind, own[1], ranks[each][1]))
        return max([own, *(inherited(each, seen | {kind}) for each in explained)])

    def key(verdict: Verdict) -> tuple[int, float, int]:
        severity, worth = inherited(verdict.kind, frozenset())
        return -severity, -worth, ORDER.get(verdict.kind, len(ORDER))

    return sorted(verdicts, key=key)


def alone(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """One of each kind, the gravest, where several rules or ranks say the same."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        known = found.get(verdict.kind)
        if known is None or _rank(verdict) > _rank(known):
            found[verdict.kind] = verdict
    return list(found.values())


def missing_alone(missing: Sequence[Missing], verdicts: Sequence[Verdict]) -> tuple[Missing, ...]:
    """One of each kind that nothing is said of."""
    said = {verdict.kind for verdict in verdicts}
    return tuple({each.kind: each for each in missing if each.kind not in said}.values())


def _explains(kind: str, worth: float, others: float) -> bool:
    """Whether a cause loses enough of the time for what it brings about; one whose worth nobody knows may."""
    lost = 1 - 1 / worth if worth > 1.0 else None
    if lost is None or (kind in DISTURBED and lost >= DISTURBANCE):
        return True
    return lost >= GOOD_PART * (1 - 1 / max(1.0, others))


def _rank(verdict: Verdict) -> tuple[int, float]:
    if verdict.kind in ENDS_THE_RUN and verdict.severity == "critical":
        return SEVERITIES["critical"], inf
    return SEVERITIES[verdict.severity], verdict.bound if verdict.bound is not None else 1.0
