"""The plan of a session that repeats: a sign for each run, round by round, and the one that goes on."""

from __future__ import annotations

from collections import Counter
from typing import Final

from app.session.live.view import RunState, RunView, View
from app.ui.draw.items import GAP, Item, items_row, natural_width
from app.ui.draw.rows import Row
from app.ui.draw.signs import SIGNS

COUNTED: Final[tuple[RunState, ...]] = ("done", "failed", "interrupted", "skipped", "planned")


def rounds_row(view: View, width: int) -> Row:
    """` plan  ✓✓ ✓▶ ·· ··  4 of 8  train/digits batch=16 #2 ▶`, exactly `width` cells.

    Where the signs do not fit they stand without gaps between rounds, else each is told with its number.
    """
    present = view.current
    place = f"{present.run if present else 0} of {len(view.runs)}"
    behind = [Item(((place, "label"),))]
    if present is not None:
        sign, style = SIGNS[present.state]
        behind.append(Item(((f"{present.title or present.workload} ", "value"), (sign, style))))
    head = Item(((" plan", "label"),))
    forms = (_signs(view.runs, len(view.variants)), _signs(view.runs, 0), _counts(view.runs))
    room = width - natural_width((head, behind[0])) - GAP
    signs = next((form for form in forms if natural_width((Item(form),)) <= room), forms[-1])
    return items_row((head, Item(signs), *behind), width)


def _signs(runs: tuple[RunView, ...], size: int) -> Row:
    """`size`: runs of a round; rounds of one, and of 0, are not told apart."""
    pieces: list[tuple[str, str]] = []
    for number, run in enumerate(runs):
        if size > 1 and number and number % size == 0:
            pieces.append((" ", ""))
        pieces.append(SIGNS[run.state])
    return tuple(pieces)


def _counts(runs: tuple[RunView, ...]) -> Row:
    counts = Counter(run.state for run in runs)
    pieces: list[tuple[str, str]] = []
    for state in COUNTED:
        if counts[state]:
            sign, style = SIGNS[state]
            pieces += [(" " if pieces else "", ""), (sign, style), (f" {counts[state]}", "label")]
    return tuple(pieces)
