"""The search panel: where the border lies so far, the tries as points over their rates, and the newest as rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log

from app.session.live.view import RunView, View
from app.session.results.bracket import Try, bracket
from app.text.numbers import percent, significant
from app.ui.draw.box import box, inner_width
from app.ui.draw.items import Item, item, items_row
from app.ui.draw.labels import DASH
from app.ui.draw.rows import Row, clipped, merged, padded, text_row

SIGNS = {True: ("✓", "good"), False: ("✗", "failure"), None: ("▶", "value")}
"""Whether a try met the objective → its sign and style; None: it is going on, or being judged."""
ROOM_FOR_POINTS = 3
"""Rows from which on the points get one of them."""


def draw_search(view: View, width: int, height: int) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells."""
    inner, room = inner_width(width), max(0, height - 2)
    tries = tried(view.runs)
    rows = [clipped(text_row(view.found, "big"), inner) if view.found else _headline(tries, inner)]
    if room >= ROOM_FOR_POINTS and tries:
        rows.append(_points(tries, inner))
    numbered = list(enumerate(tries, start=1))
    rows += [_row(place, run, inner) for place, run in reversed(numbered)]
    planned = sum(run.rate is None and run.state == "planned" for run in view.runs) + len(tries)
    note = f"try {len(tries)} of at most {planned}" if tries else ""
    return box(rows[:room], f"Search {view.slo}", note, width, height, focused=False)


def tried(runs: Sequence[RunView]) -> list[RunView]:
    """The runs of a search whose rate was decided, in order."""
    return [run for run in runs if run.rate is not None and isfinite(run.rate) and run.rate > 0]


def _headline(tries: Sequence[RunView], width: int) -> Row:
    judged = [Try(run.rate, run.met) for run in tries if run.rate is not None and run.met is not None]
    meets, fails = bracket(judged)
    items = (
        _end("meets it", meets, "good", "✓"),
        _end("does not", fails, "failure", "✗"),
    )
    return items_row(items, width) if judged else clipped(text_row("no rate was tried yet", "label"), width)


def _end(words: str, rate: float | None, style: str, sign: str) -> Item:
    text = DASH if rate is None else f"{significant(rate)} requests/s"
    return Item(((f"{sign} ", style), (text, "big"), (f" {words}", "label")), 32)


def _sign(run: RunView) -> tuple[str, str]:
    """One that failed, or was broken off, is never judged."""
    return ("–", "label") if run.state in ("failed", "interrupted", "skipped") else SIGNS[run.met]


def _points(tries: Sequence[RunView], width: int) -> Row:
    """The tries over a logarithmic axis of rates; of two in one cell the later one is seen."""
    rates = [run.rate for run in tries if run.rate is not None]
    low, high = min(rates), max(rates)
    first, last = significant(low), significant(high)
    room = width - len(first) - len(last) - 2
    if room < 8:
        return padded((), width)
    span = log(high / low) or 1.0
    cells = [("─", "axis")] * room
    for run in tries:
        assert run.rate is not None
        cells[round(log(run.rate / low) / span * (room - 1))] = _sign(run)
    return merged(((f"{first} ", "label"), *cells, (f" {last}", "label")))


def _row(place: int, run: RunView, width: int) -> Row:
    """A try: its rate, what became of it, and how many requests were good."""
    assert run.rate is not None
    sign, style = _sign(run)
    good = DASH
    if run.good is not None:
        per_s = f"{significant(run.good.good / run.measured_s)}/s, " if run.measured_s else ""
        good = f"{per_s}{percent(100 * run.good.share)}"
    front = (
        Item(((f"{place:>3} ", "label"), (f"{sign} ", style), (f"{significant(run.rate):>8}", "value"))),
        item("good", good, slot=22),
    )
    left = items_row((*front, Item(((run.verdict.partition(": ")[2] or run.phase or "", "label"),))), width)
    return clipped(left, width)
