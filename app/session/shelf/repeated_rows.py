"""The runs of a list by variant: repeats of one configuration are one line, with the means of their headlines. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from app.session.shelf.listing import RunRow
from app.session.store.manifest import Headline


def by_variant(rows: Sequence[RunRow]) -> list[tuple[str, RunRow]]:
    """How the runs of each variant went, in words, and one row in their place; a run without repeats stays as it is."""
    groups: dict[int, list[RunRow]] = {}
    for row in rows:
        # A plan that knows no variants has a group of each run.
        groups.setdefault(row.variant or -row.run, []).append(row)
    return [(_went(group), _together(group)) for group in groups.values()]


def _went(rows: Sequence[RunRow]) -> str:
    """`3 × done`; of repeats, those that were not needed are left out."""
    if len(rows) == 1:
        return rows[0].outcome or ""
    outcomes = Counter(row.outcome for row in rows if row.outcome is not None)
    told = {outcome: times for outcome, times in outcomes.items() if outcome != "skipped"} or outcomes
    return ", ".join(f"{times} × {outcome}" for outcome, times in told.items()) or f"{len(rows)} repeats"


def _together(rows: Sequence[RunRow]) -> RunRow:
    first = rows[0]
    if len(rows) == 1:
        return first
    done = [row.headline for row in rows if row.outcome == "done"]
    cases = {headline.case for headline in done}
    means = Headline(
        samples=sum(headline.samples for headline in done),
        measured_s=sum(headline.measured_s for headline in done),
        # The best cases of two repeats may be two: their units are not the same then.
        samples_per_s=_mean([headline.samples_per_s for headline in done]) if len(cases) == 1 else None,
        tokens_per_s=_mean([headline.tokens_per_s for headline in done]),
        p50_ms=_mean([headline.p50_ms for headline in done]) if len(cases) == 1 else None,
        accuracy=_mean([headline.accuracy for headline in done]),
        bits_per_byte=_mean([headline.bits_per_byte for headline in done]),
        case=cases.pop() if len(cases) == 1 else None,
    )
    units = {row.unit for row in rows if row.outcome == "done"}
    return replace(
        first,
        title=first.title.removesuffix(f" #{first.repeat}"),
        headline=means,
        unit=units.pop() if len(units) == 1 else first.unit,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """None where one of them has none."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known and len(known) == len(values) else None
