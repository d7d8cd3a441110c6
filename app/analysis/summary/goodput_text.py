"""Goodput as lines of text: how many requests were good, and each clause of the objective, met or not."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.summary.goodput import ClauseResult, Goodput
from app.text.numbers import count, milliseconds, percent

VERDICTS = {True: "met", False: "not met", None: "not measured"}


def goodput_lines(found: Goodput | None) -> Iterator[tuple[str, str]]:
    """Label and text of each line."""
    if found is None:
        return
    if found.good is not None and found.share is not None:
        per_s = f"{count(found.per_s)} good requests/s, " if found.per_s is not None else ""
        yield "goodput", f"{per_s}{percent(found.share * 100)} of {found.sent:,} sent"
    for clause in found.clauses:
        yield ("objective" if clause is found.clauses[0] else ""), f"{clause.text} {clause_text(clause)}"


def clause_text(clause: ClauseResult) -> str:
    """`met: 41.2 ms`, or why not."""
    verdict = VERDICTS[clause.met]
    if clause.measured_ms is not None:
        chance = f" (of too few: {clause.quantile} needs {clause.needs:,} requests)" if clause.needs else ""
        return f"{verdict}: {milliseconds(clause.measured_ms)}{chance}"
    if clause.at_least_ms is not None:
        return f"{verdict}: at least {milliseconds(clause.at_least_ms)}, when the run ended"
    return verdict if clause.met is None else f"{verdict}: too many requests were not answered"
