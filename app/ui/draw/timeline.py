"""The row of a session that is played: what it does, where one is, how fast, and a bar with what happened. Pure."""

from __future__ import annotations

from typing import Final

from app.session.playing.outline import Kind
from app.session.playing.played import Played
from app.ui.draw.rows import Row, clipped, merged, padded, row_width

GONE, COMING = ("━", "device"), ("─", "label")
SIGNS: Final[dict[Kind, tuple[str, str]]] = {
    "phase": ("┆", "label"),
    "mark": ("▲", "value"),
    "verdict": ("●", "warning"),
    "run": ("│", "big"),
    "failure": ("✗", "failure"),
}
"""Of what falls into one cell the last of these is drawn."""
HOUR_S: Final = 3600
WORDS: Final = 10
"""Cells for what it does."""
FEWEST: Final = 8
"""Cells of a bar that is worth drawing."""


def timeline_row(played: Played | None, width: int, note: str = "") -> Row:
    """` paused      00:42.3 of 01:23.0    1×  ━━━━│━━━━━●━━──┆────── `, exactly `width` cells.

    Blank as long as it is not known. A `note` stands in the place of the bar.
    """
    if played is None:
        return padded((), width)
    head = _head(played)
    cells = width - row_width(head) - 1
    if cells < FEWEST or note:
        return clipped((*head, (note, "warning")), width)
    return merged((*head, *_bar(played, cells), (" ", "")))


def pointed_ns(played: Played, column: int, width: int) -> int | None:
    """The instant at a column of the row; None beside the bar."""
    first = row_width(_head(played))
    cells = width - first - 1
    if cells < FEWEST or not first <= column < first + cells:
        return None
    # The middle of the cell, but that both ends can be reached.
    part = (column - first) / max(1, cells - 1)
    return played.began_ns + round(part * (played.ended_ns - played.began_ns))


def position_text(gone_ns: int, length_ns: int) -> str:
    """`00:42.3`, of hours `1:02:03`, always of the width that the length has."""
    hours = length_ns >= HOUR_S * 1_000_000_000
    tenths = max(0, gone_ns) // 100_000_000
    minutes, rest = divmod(tenths, 600)
    if hours:
        return f"{minutes // 60}:{minutes % 60:02}:{rest // 10:02}"
    return f"{minutes:02}:{rest // 10:02}.{rest % 10}"


def speed_text(speed: float) -> str:
    """`0.25×`, `1×`, `1000×`."""
    return f"{speed:g}×"


def _head(played: Played) -> Row:
    length_ns = played.ended_ns - played.began_ns
    word = "seeking" if played.seeking else played.state
    at = position_text(played.at_ns - played.began_ns, length_ns)
    whole = position_text(length_ns, length_ns)
    return (
        (f" {word:<{WORDS}} ", "title"),
        (f"{at:>{len(whole)}}", "value"),
        (f" of {whole} ", "label"),
        (f"{speed_text(played.speed):>5}  ", "value"),
    )


def _bar(played: Played, cells: int) -> Row:
    length_ns = max(1, played.ended_ns - played.began_ns)

    def cell(at_ns: int) -> int:
        return max(0, min(cells - 1, (at_ns - played.began_ns) * (cells - 1) // length_ns))

    here = cell(played.at_ns)
    bar = [GONE if place < here else COMING for place in range(cells)]
    for kind, sign in SIGNS.items():
        for found in played.outline.of(kind):
            bar[cell(found.at_ns)] = sign
    bar[here] = (bar[here][0], "mark")
    return tuple(bar)
