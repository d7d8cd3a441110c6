"""Sides that are open → the whole comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from app.analysis.compare.brief import Brief, brief
from app.analysis.compare.curves import gauge_comparisons
from app.analysis.compare.differences import differences
from app.analysis.compare.distributions import distribution_of
from app.analysis.compare.environment import facts_of
from app.analysis.compare.groups import Group, groups_of, matched
from app.analysis.compare.sides import OpenSide
from app.analysis.compare.verdicts import metric_comparisons
from app.session.results.caution import Caution
from app.session.results.comparison import Comparison, Pair, PartComparison

WITHIN = 0.01
"""The part of 1 within which two are called the same, unless said otherwise."""

PART_NAMES = {
    "data_wait_ms": "data wait",
    "h2d_ms": "host to device",
    "forward_ms": "forward",
    "backward_ms": "backward",
    "optimizer_ms": "optimizer",
    "device_ms": "device",
    "comm_ms": "of backward, communication",
}


def compare(sides: Sequence[OpenSide], *, accepted: Collection[str] = (), within: float = WITHIN) -> Comparison:
    """Each side against the first; a single one, its variants against the first of their workload.

    Raises ValueError where there is nothing that can be held against each other.
    """
    groups = [groups_of(side) for side in sides]
    ways = list(_variants(groups[0])) if len(sides) == 1 else list(_sides(groups))
    if not ways:
        raise ValueError(_nothing(sides, groups))
    briefs = _Briefs()
    pairs = tuple(_pair(base, other, briefs, accepted, within) for base, other in ways)
    return Comparison(
        within=within,
        sides=tuple(side.side for side in sides),
        pairs=pairs,
        alone=tuple(_alone(groups, ways)) if len(sides) > 1 else (),
        cautions=(*_damages(sides), *_cautions(pairs), *briefs.cautions()),
    )


class _Briefs:
    """Of every run once, though the base is held against several."""

    def __init__(self) -> None:
        self._known: dict[tuple[OpenSide, int], Brief] = {}

    def of(self, group: Group) -> list[Brief]:
        """In the order of the repeats."""
        found = []
        for record in group.records:
            key = (group.of, record.run)
            if key not in self._known:
                self._known[key] = brief(group.of.loaded, record)
            found.append(self._known[key])
        return found

    def cautions(self) -> Iterator[Caution]:
        """Of runs whose load was not what it was meant to be: whose run it is comes first."""
        for (of, run), known in self._known.items():
            for caution in known.summary.cautions:
                yield replace(caution, message=f"{of.side.label}, run {run}: {caution.message}")


def _variants(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """The first variant of each workload with every other of it."""
    in_order = sorted(groups, key=lambda group: group.workload)
    for _, same in groupby(in_order, key=lambda group: group.workload):
        base, *others = same
        yield from ((base, other) for other in others)


def _sides(groups: Sequence[Sequence[Group]]) -> Iterator[tuple[Group, Group]]:
    for other in groups[1:]:
        yield from matched(groups[0], other)


def _pair(base: Group, other: Group, briefs: _Briefs, accepted: Collection[str], within: float) -> Pair:
    sides = [briefs.of(group) for group in (base, other)]
    paired = _interleaved(base, other)
    both = [repeat for repeat in base.repeats if repeat in other.repeats]
    if paired and both:
        # Interleaved: each repeat of one was measured in one round with that of the other.
        sides = [
            [run for run, repeat in zip(runs, group.repeats, strict=True) if repeat in both]
            for runs, group in zip(sides, (base, other), strict=True)
        ]
    summaries = [[run.summary for run in runs] for runs in sides]
    one, two = ([run.durations for run in runs] for runs in sides)
    facts = [facts_of(group.of.loaded.manifest, group.records[0], group.planned) for group in (base, other)]
    return Pair(
        workload=base.workload,
        base_label=_label(base, other),
        other_label=_label(other, base),
        base_title=base.title,
        other_title=other.title,
        base_runs=len(sides[0]),
        other_runs=len(sides[1]),
        differences=differences(facts[0], facts[1], (base.planned, other.planned), accepted),
        metrics=metric_comparisons(summaries[0], summaries[1], paired=paired and bool(both), within=within),
        # Steps of different cases are not of one kind.
        distribution=None if any(run.cases for run in summaries[0]) else distribution_of(one, two),
        parts=_parts(sides[0], sides[1]),
        gauges=gauge_comparisons(base, other, (summaries[0], summaries[1])),
    )


def _interleaved(base: Group, other: Group) -> bool:
    """Whether repeats of one number are of one round: of variants of one session, though it may have been named twice.

    One that was named twice is measured twice a round, so that its second repeat is of the first.
    """
    one, two = ((group.side.session, group.side.began_ns) for group in (base, other))
    return one == two and base.variant != other.variant and base.times == other.times


def _label(group: Group, against: Group) -> str:
    """`A`; `A#2` where both are of one session."""
    one_session = group.of is against.of
    return f"{group.side.label}#{group.variant}" if one_session else group.side.label


def _parts(base: Sequence[Brief], other: Sequence[Brief]) -> tuple[PartComparison, ...]:
    rows = [(label, _mean(base, name), _mean(other, name)) for name, label in PART_NAMES.items()]
    return tuple(
        PartComparison(name=label, base_ms=one, other_ms=two) for label, one, two in rows if (one, two) != (None, None)
    )


def _mean(runs: Sequence[Brief], part: str) -> float | None:
    found = [getattr(run.summary.parts, part) for run in runs if run.summary.parts is not None]
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known else None


def _alone(groups: Sequence[Sequence[Group]], ways: Sequence[tuple[Group, Group]]) -> Iterator[str]:
    """What found nothing to be held against."""
    taken = {id(group) for way in ways for group in way}
    for of_side in groups:
        yield from (f"only {group.side.label} has {group.title}" for group in of_side if id(group) not in taken)


def _nothing(sides: Sequence[OpenSide], groups: Sequence[Sequence[Group]]) -> str:
    if len(sides) == 1:
        return (
            f"session {sides[0].side.session} has no workload in two settings: give another session to compare it "
            f"with, or run a sweep (--set NAME=VALUE,VALUE)"
        )
    has = []
    for side, found in zip(sides, groups, strict=True):
        names = sorted({group.workload for group in found}) or ["no run that was done"]
        has.append(f"{side.side.label} ({side.side.session}) has {', '.join(names)}")
    return f"the sessions have no workload in common: {'; '.join(has)}"


def _damages(sides: Sequence[OpenSide]) -> Iterator[Caution]:
    for side in sides:
        for each in side.loaded.damaged:
            yield Caution(
                kind="damaged-file",
                message=f"{side.side.label}: {each.line}",
                remedy=f"put it back in the folder of {side.side.session}",
            )


def _cautions(pairs: Sequence[Pair]) -> Iterator[Caution]:
    for pair in pairs:
        if pair.blocking:
            names = [difference.name for difference in pair.blocking]
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            yield Caution(
                kind="not-comparable",
                message=f"{pair.base_label} and {pair.other_label} of {pair.workload} are not comparable: {shown}",
                remedy=f"--accept {','.join(names) if len(names) <= 3 else 'NAME,… or all'} where that was meant",
            )


def with_conditions(comparison: Comparison, failed: Sequence[str], undecided: Sequence[str]) -> Comparison:
    """With what `--fail-if` came to."""
    return replace(comparison, failed=tuple(failed), undecided=tuple(undecided))
