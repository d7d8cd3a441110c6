"""Training beside inference as text: a table for each model, sections apart."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from app.session.plain import plain
from app.session.results.environments import Environments, Section, TrainVsTest
from app.text.compared import value_text
from app.text.gauges import gauge_text
from app.text.numbers import count, flops, rate, significant

NONE: Final = "–"
HEADS: Final[dict[Section, str]] = {
    "scale": "scale",
    "speed": "speed, means over runs",
    "quality": "quality, on held-out data",
    "resources": "resources, means while measured",
    "energy": "energy, as far as devices tell it",
    "needs": "what each needs: the highest that was seen",
}
WIDEST: Final = 34
"""Characters of a column."""


def environments_text(found: Environments, width: int) -> str:
    """All models, in lines of at most `width` columns, 60 at least."""
    lines = [f"{label}  {session}" for label, session in found.sessions]
    several = len(found.sessions) > 1
    for model in found.models:
        lines += ["", *_model(model, max(width, 60), several=several)]
    return "\n".join(plain(line).rstrip() for line in lines)


def _model(model: TrainVsTest, width: int, *, several: bool) -> Iterator[str]:
    names = max(len(row.label) for row in model.rows) + 2
    titles = [f"{each.label} {each.title}" if several else each.title for each in model.environments]
    cells = [[_text(row.name, value) for value in row.values] for row in model.rows]
    wide = [
        min(WIDEST, max(len(text) for text in (title, *(row[place] for row in cells))))
        for place, title in enumerate(titles)
    ]
    shown = len(wide)
    while shown > 2 and names + 2 + sum(wide[:shown]) + 2 * shown > width:
        shown -= 1
    yield f"{model.model}: trained and served"
    yield f"  {'':<{names}}" + "".join(f"  {_cut(t, w):>{w}}" for t, w in zip(titles[:shown], wide, strict=False))
    for section, rows in groupby(zip(model.rows, cells, strict=True), key=lambda row: row[0].section):
        yield f"  {HEADS[section]}"
        for row, texts in rows:
            values = "".join(f"  {_cut(text, w):>{w}}" for text, w in zip(texts[:shown], wide, strict=False))
            yield f"    {row.label:<{names - 2}}{values}"
    if shown < len(wide):
        said = f"columns left out for want of room: {len(wide) - shown}; a wider terminal or --json has them"
        yield from textwrap.wrap(f"  {said}", width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _text(name: str, value: float | str | None) -> str:
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if name == "flops_per_unit":
        return flops(value).removesuffix("/s")
    if name == "flops_per_s":
        return flops(value)
    if name.endswith(("_percent", "_bytes", "_bytes_per_s", "_w")):
        return gauge_text(name, value)
    return _plain(name, value)


def _plain(name: str, value: float) -> str:
    if name == "bytes_per_unit":
        return rate(value).removesuffix("/s")
    if name.endswith("_j"):
        return f"{significant(value)} J"
    if name.endswith("_s") and not name.endswith("_per_s"):
        return f"{significant(value)} s"
    return count(value) if float(value).is_integer() and "_ms" not in name else value_text(name, value)
