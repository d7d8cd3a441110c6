"""What a search found as lines of text: the result, and each try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.analysis.summary.report import RunSummary
from app.session.results.search import SearchResult, SearchTry
from app.text.numbers import significant


def search_lines(found: SearchResult) -> Iterator[tuple[str, str]]:
    """Label and text of each line."""
    yield "search", found.text
    for place, tried in enumerate(found.tries, start=1):
        yield f"try {place}", _try(tried)


def worth_telling(runs: Sequence[RunSummary], found: SearchResult) -> list[RunSummary]:
    """The runs that are no tries, and of the tries the first at the rate that was found; none that was not needed."""
    tries = {tried.run for tried in found.tries}
    best = next((tried.run for tried in found.tries if tried.rate == found.rate and tried.met), None)
    return [run for run in runs if run.outcome != "skipped" and (run.run not in tries or run.run == best)]


def _try(tried: SearchTry) -> str:
    good = f", {significant(tried.good_per_s)} good/s" if tried.good_per_s is not None else ""
    return f"{tried.text}{good}  (run {tried.run}: {tried.why})"
