"""The screen of two sessions to a size: what they are, their verdicts, and four panels, or one of them alone. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from app.session.live.view import RunView, View
from app.session.playing.paired import PairView
from app.session.playing.ways import By
from app.text.evidence import ratio_text
from app.text.numbers import duration
from app.ui.draw.items import GAP
from app.ui.draw.pair.figures import sheets
from app.ui.draw.pair.panel import FIRST, SECOND, draw_sheet
from app.ui.draw.rows import Row, clipped, merged, padded, row_width
from app.ui.draw.signs import SIGNS
from app.ui.draw.throughput import PHASES
from app.ui.draw.why.found import primary, verdicts_of
from app.ui.draw.why.lines import no_verdict_row
from app.ui.draw.why.severity import SEVERITIES

WORDS: Final[dict[By, str]] = {
    "time": "by time since the start",
    "step": "by step number",
    "progress": "by share of what is measured",
}
PANELS: Final = 4
GRID: Final = (76, 20)
"""Columns and rows from which on all panels stand together."""
HEAD: Final = 5
"""Rows over the panels: a title, and two of each session."""


class PairLook(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has chosen to see."""

    panel: int = 0
    alone: bool = False
    gpu: int = 0
    """How many on from the GPU that a workload is on."""


def draw_pair(view: PairView, look: PairLook, width: int, height: int) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells."""
    head = [
        _title(view, look, width),
        _session("A", FIRST, view.first, width),
        _verdict(view.first, width),
        _session("B", SECOND, view.second, width),
        _verdict(view.second, width),
    ]
    room = height - HEAD
    found = sheets(view.first, view.second, look.gpu)
    if look.alone or width < GRID[0] or height < GRID[1]:
        return tuple((*head, *draw_sheet(found[look.panel], width, max(0, room), focused=True))[:height])
    left, upper = width // 2, room // 2
    rows = list(head)
    for first, tall in ((0, upper), (2, room - upper)):
        one = draw_sheet(found[first], left, tall, focused=look.panel == first)
        two = draw_sheet(found[first + 1], width - left, tall, focused=look.panel == first + 1)
        rows += [merged((*a, *b)) for a, b in zip(one, two, strict=True)]
    return tuple(rows[:height])


def _title(view: PairView, look: PairLook, width: int) -> Row:
    pieces = [(" benchtop", "program"), ("  A and B ", "title"), (WORDS[view.by], "value")]
    if view.catching_up is not None:
        pieces.append((f"   reading {100 * view.catching_up:.0f} %", "label"))
    elif look.alone:
        pieces.append((f"   panel {look.panel + 1} of {PANELS}", "label"))
    return clipped(tuple(pieces), width)


def _session(label: str, style: str, view: View, width: int) -> Row:
    """` A  20261126-080747-two   train/digits batch=64 ▶ measure 00:12`; the name gives way."""
    run = view.current
    said = _state(run) if run is not None else ((view.state, "label"),)
    room = max(0, width - row_width(said) - 4 - GAP)
    name = view.name if len(view.name) <= room else f"…{view.name[len(view.name) - room + 1 :]}" if room > 1 else ""
    return padded(
        merged(((f" {label}  ", style), (name, "value"), (" " * GAP, ""), *clipped(said, width - 6 - len(name)))), width
    )


def _state(run: RunView) -> Row:
    sign, style = SIGNS[run.state]
    pieces = [(f"{run.title or run.workload} ", "title"), (sign, style)]
    if run.phase is not None:
        pieces.append((f" {PHASES[run.phase]}", "label"))
    pieces.append((f"  {duration(run.measured_s)} measured", "label"))
    return tuple(pieces)


def _verdict(view: View, width: int) -> Row:
    """The primary verdict, what it is worth at most, and how many others there are."""
    run = view.current
    verdict = primary(run)
    if run is None or verdict is None:
        missing = () if run is None or run.verdicts is None else run.verdicts.missing
        return clipped((("    ", ""), *no_verdict_row(run, missing, view.state)), width)
    sign, style = SEVERITIES[verdict.severity]
    others = len(verdicts_of(run)) - 1
    tail = "" if verdict.bound is None else f"  at most {ratio_text(verdict.bound)}"
    tail += f"  and {others} more" if others else ""
    head = clipped(((f"    {sign} ", style), (verdict.summary, "value")), max(0, width - len(tail)))
    return clipped(merged((*head, (tail, "label"))), width)
