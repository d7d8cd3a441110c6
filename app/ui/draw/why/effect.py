"""The effect of an experiment as a picture: its interval on a logarithmic axis around 1.0×, where nothing changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from app.text.evidence import ratio_text
from app.ui.draw.rows import Row, merged
from workloads.wire.frames import Effect

ENDS = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 64.0, 128.0)
"""How far an axis may reach from 1.0× to both sides; what lies beyond the last stands at its end."""
ROOM = 1.05
"""Beyond the farthest end of an interval, so that it does not touch the frame."""


def effect_end(effects: Iterable[Effect]) -> float:
    """The end of an axis that all of them share: it goes from 1/end to end, so that halves and doubles are as far."""
    known = [each for effect in effects for each in (effect.ratio, effect.low, effect.high) if each is not None]
    farthest = max((max(each, 1 / each) for each in known if each > 0 and math.isfinite(each)), default=1.0)
    return next((end for end in ENDS if end >= farthest * ROOM), ENDS[-1])


def effect_row(effect: Effect, end: float, width: int) -> Row:
    """Exactly `width` cells: `      │   ├──•──┤`, the dot at the ratio and the bar over its interval."""
    cells = [(" ", "")] * width
    if width <= 0:
        return ()
    cells[_place(1.0, end, width)] = ("│", "axis")
    if effect.ratio is None:
        return merged(cells)
    style = style_of(effect)
    if effect.low is not None and effect.high is not None:
        first, last = _place(effect.low, end, width), _place(effect.high, end, width)
        cells[first : last + 1] = [("─", style)] * (last - first + 1)
        cells[first], cells[last] = ("├", style), ("┤", style)
    cells[_place(effect.ratio, end, width)] = ("•", "big")
    return merged(cells)


def effect_axis_row(end: float, width: int) -> Row:
    """`0.50×       1.00×       2.00×` under the ends and the middle."""
    texts = (ratio_text(1 / end), ratio_text(1.0), ratio_text(end))
    if width < sum(map(len, texts)) + 2:
        return (("".join(texts[1]).center(width)[:width], "axis"),)
    middle = _place(1.0, end, width) - len(texts[1]) // 2
    text = f"{texts[0]:<{middle}}{texts[1]}"
    return ((f"{text}{texts[2]:>{width - len(text)}}", "axis"),)


def style_of(effect: Effect) -> str:
    """Green where the whole interval says faster, red where it says slower, quiet where it cannot tell."""
    if effect.low is None or effect.high is None or effect.low <= 1.0 <= effect.high:
        return "label"
    return "good" if effect.low > 1.0 else "failure"


def blocks_text(effect: Effect) -> str:
    """`10 + 10 blocks`."""
    return f"{effect.plain} + {effect.changed} blocks"


def widest(effects: Sequence[Effect]) -> int:
    """Cells of the longest name."""
    return max((len(effect.experiment) for effect in effects), default=0)


def _place(ratio: float, end: float, width: int) -> int:
    """The cell of a ratio; what lies beyond the axis, or is no number, stands at an end."""
    if not ratio > 0:
        return 0
    at = (math.log(ratio) / math.log(end) + 1) / 2 if math.isfinite(ratio) else 1.0
    return round(max(0.0, min(1.0, at)) * (width - 1))
