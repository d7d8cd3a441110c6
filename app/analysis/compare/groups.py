"""Runs that are repeats of each other, and which group of one side is held against which of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.analysis.compare.sides import OpenSide, variants
from app.session.planning.plan import PlannedRun
from app.session.results.comparison import Side
from app.session.results.titles import titles, variant_titles
from app.session.store.manifest import RunRecord


@dataclass(frozen=True)
class Group:
    """The runs of one variant that came to their end, in the order of their repeats."""

    of: OpenSide
    variant: int
    workload: str
    title: str
    planned: PlannedRun
    records: tuple[RunRecord, ...]
    repeats: tuple[int, ...]
    """Of each record."""
    times: int
    """How often it was planned."""

    @property
    def side(self) -> Side:
        """Where it is from."""
        return self.of.side


def groups_of(of: OpenSide) -> tuple[Group, ...]:
    """In the order of the plan. Runs that were not done, or measured nothing, are in none."""
    manifest = of.loaded.manifest
    numbers, names = variants(of.loaded), variant_titles(manifest.plan.runs)
    planned = {run.run: run for run in manifest.plan.runs}
    records: dict[int, list[RunRecord]] = {}
    for record in manifest.runs:
        variant = numbers.get(record.run)
        wanted = variant is not None and of.side.variant in (0, variant)
        if variant is not None and wanted and record.outcome == "done" and record.headline.samples:
            records.setdefault(variant, []).append(record)
    return tuple(_group(of, variant, found, planned, names) for variant, found in records.items())


def _group(
    of: OpenSide, variant: int, records: list[RunRecord], planned: dict[int, PlannedRun], names: dict[int, str]
) -> Group:
    """Runs of a plan that says no repeat are numbered as they come."""
    said = [planned[record.run].repeat for record in records]
    repeats = said if len(set(said)) == len(said) else list(range(1, len(said) + 1))
    in_order = sorted(zip(repeats, records, strict=True), key=lambda pair: pair[0])
    first = planned[records[0].run]
    return Group(
        of=of,
        variant=variant,
        workload=first.workload,
        title=names.get(variant, first.workload) if first.variant else titles(of.loaded.manifest.plan.runs)[first.run],
        planned=first,
        records=tuple(record for _, record in in_order),
        repeats=tuple(repeat for repeat, _ in in_order),
        times=sum(number == variant for number in variants(of.loaded).values()),
    )


def matched(base: Sequence[Group], other: Sequence[Group]) -> list[tuple[Group, Group]]:
    """Each group of the base with that of the same workload which is most like it; each is taken once.

    The most alike find each other first; what is left over stands alone.
    """
    ways = sorted(
        (unlike(one, two), first, second)
        for first, one in enumerate(base)
        for second, two in enumerate(other)
        if one.workload == two.workload
    )
    taken: dict[int, int] = {}
    for _, first, second in ways:
        if first not in taken and second not in taken.values():
            taken[first] = second
    return [(base[first], other[second]) for first, second in sorted(taken.items())]


def unlike(base: Group, other: Group) -> int:
    """How many settings differ."""
    one, two = base.planned.parameters, other.planned.parameters
    return sum(one.get(name) != two.get(name) for name in one.keys() | two.keys()) + (
        base.planned.ranks != other.planned.ranks
    )
