"""A search and what it found: the highest rate at which a workload meets its objective. No Polars."""

from __future__ import annotations

import msgspec

from app.session.planning.plan import Plan, PlannedRun
from app.text.numbers import significant
from workloads.entries.load import BELONGS

MEETS, MISSES, RESULT = "search-meets", "search-misses", "search-result"
"""Kinds of findings: what the judge says of each try, with the number of its run, and of them all."""

LIMITED = "generator-limited"
"""Why a try met nothing whose requests were sent late."""
SAID = (MEETS, MISSES, RESULT)


class SearchTry(msgspec.Struct, frozen=True, kw_only=True):
    """One run at one rate."""

    run: int
    rate: float
    """Requests a second that were due."""
    met: bool
    why: str
    """`p99 31.2 ms`, or what spoiled it."""
    good_per_s: float | None = None
    """Its goodput."""

    @property
    def text(self) -> str:
        """`412 requests/s meets it`."""
        return f"{significant(self.rate)} requests/s {'meets it' if self.met else 'does not'}"


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the tries so far come to."""

    slo: str
    rate: float | None
    """The highest that met the objective. None: none did."""
    fails_at: float | None
    """The lowest above it that did not. None: none failed."""
    settled: bool
    """The two are as near as they were to be, and confirmed."""
    tries: tuple[SearchTry, ...]

    @property
    def text(self) -> str:
        """The result in a line."""
        made = len(self.tries)
        count = f"{made} {'try' if made == 1 else 'tries'}"
        if self.rate is None:
            fails = f": {significant(self.fails_at)} requests/s does not" if self.fails_at is not None else ""
            return f"no rate was found that meets {self.slo}, in {count}{fails}"
        place = 1 + next(place for place, each in enumerate(self.tries) if each.rate == self.rate and each.met)
        fails = f"{significant(self.fails_at)} does not" if self.fails_at is not None else "no higher one was tried"
        if any(each.rate == self.fails_at and each.why == LIMITED for each in self.tries):
            fails += ", since the load generator was late there: the limit may be its own"
        open_ = "" if self.settled else "; not settled, more tries would narrow it"
        return (
            f"highest rate that meets {self.slo}: {significant(self.rate)} requests/s "
            f"(try {place} of {made}; {fails}){open_}"
        )


def is_try(plan: Plan, run: PlannedRun) -> bool:
    """Whether it is one of a search's tries, not a run that they need."""
    return plan.search and run.parameters.get("load") in BELONGS["rate"]
