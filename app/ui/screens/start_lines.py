"""The two lists of the start screen as lines of text: pure, from what there is to where the cursor stands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from app.ui.choice import SessionItem, WorkloadItem
from app.ui.screens.styles import style

OUTCOMES = {
    "running": ("▶", "throughput"),
    "done": ("✓", "good"),
    "failed": ("✗", "failure"),
    "interrupted": ("■", "warning"),
}
"""Outcome of a session → its sign and style."""


def start_lines(
    workloads: Sequence[WorkloadItem],
    sessions: Sequence[SessionItem],
    cursor: int,
    marks: Sequence[str],
    width: int,
    *,
    more: int = 0,
) -> tuple[list[Text], int]:
    """Both lists as lines of at most `width` cells, and the number of the line that the cursor is on.

    `more`: sessions that are there besides.
    """
    names, titles = _widest([item.name for item in workloads]), _widest([item.title for item in sessions])
    lines = [
        Text("Run", style("title")),
        *(_workload(item, marks, names) for item in workloads),
        Text(),
        Text.assemble(("Sessions", style("title")), (_newest(len(sessions), more), style("note"))),
        *([_session(item, titles) for item in sessions] or [Text("   none yet", style("note"))]),
    ]
    at = cursor + (1 if cursor < len(workloads) else 3)
    lines[at].pad_right(max(0, width - lines[at].cell_len))
    lines[at].stylize("reverse")
    for line in lines:
        line.truncate(max(1, width), overflow="ellipsis")
    return lines, at


def _newest(shown: int, more: int) -> str:
    return f"  the newest {shown} of {shown + more:,}, / finds among all" if more else ""


def _workload(item: WorkloadItem, marks: Sequence[str], width: int) -> Text:
    """` 2 train/digits  train a small …`: the number is its place in the order of the runs."""
    place = str(marks.index(item.name) + 1) if item.name in marks else "·"
    return Text.assemble((f" {place} ", style("big")), f"{item.name:<{width}}  ", (item.help, style("label")))


def _session(item: SessionItem, width: int) -> Text:
    """` ✓ 2030-01-02 03:04  train-digits  done  1,234/s`."""
    sign, name = OUTCOMES.get(item.outcome, ("–", "label"))
    return Text.assemble(
        (f" {sign} ", style(name)),
        (f"{item.when:<16}  ", style("label")),
        f"{item.title:<{width}}  ",
        (f"{item.outcome:<11}  ", style(name)),
        (item.headline, style("label")),
    )


def _widest(names: Sequence[str]) -> int:
    return max(map(len, names), default=0)
