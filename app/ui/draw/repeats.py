"""The repeats of a session: for each variant its runs as points, and the interval as it tightens.

Where there is room each repeat has a row of its own, with the interval that was known after it; else each variant has.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from app.session.live.view import PointView, VariantView, View
from app.session.results.interval import half_width
from app.text.metrics import half_width_text, metric_text
from app.ui.draw.box import box, inner_width
from app.ui.draw.rows import Row, clipped, merged, padded, text_row
from app.ui.draw.signs import SIGNS
from app.ui.draw.strip import axis_row, limit_of, strip_row
from workloads.wire.frames import Estimate

SHORTEST_STRIP = 17
LONGEST_STRIP = 81
LONGEST_TITLE = 34
FEWEST_ROWS = 4
"""Of a variant that shows each repeat: below, all variants have a row each."""
SMALL_VARIANTS = 5
"""That the small form shows, the one that is measured now among them."""
NOTHING = "nothing is repeated here: `benchtop run … --repeats 5`, or --until 1%"


def small_height(view: View) -> int:
    """Rows of the small form, border and axis included; 0 where nothing is repeated."""
    return min(len(view.variants), SMALL_VARIANTS) + 3 if view.variants else 0


def draw_small(view: View, width: int) -> tuple[Row, ...]:
    """The small form: a row for each variant, those around the present one where there are many."""
    height = small_height(view)
    room = height - 3
    present = next((place for place, each in enumerate(view.variants) if _going_on(each, view) is not None), 0)
    first = max(0, min(present - room // 2, len(view.variants) - room))
    return _boxed(
        view, _one_each(view, view.variants[first : first + room], inner_width(width)), width, height, focused=False
    )


def draw_repeats(view: View, width: int, height: int, first: int = 0) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells; `first`: the variant that it starts with, where not all have room."""
    inner, rows = inner_width(width), max(0, height - 2)
    if not view.variants:
        return _boxed(view, [text_row(NOTHING, "label")], width, height)
    each = (rows - 1) // len(view.variants)
    body = _every_repeat(view, inner, each) if each >= FEWEST_ROWS else _one_each(view, view.variants, inner)
    shown = body[:1] + _window(body[1:], rows - 1, first)
    return _boxed(view, shown, width, height)


def last_first(view: View, height: int) -> int:
    """The largest `first` with which a panel of this height is still full."""
    rows = max(1, height - 3)
    return max(0, len(view.variants) - rows) if rows // max(1, len(view.variants)) < FEWEST_ROWS else 0


def _window(rows: Sequence[Row], height: int, first: int) -> list[Row]:
    start = max(0, min(first, len(rows) - height))
    return list(rows[start : start + height])


def _boxed(view: View, body: Sequence[Row], width: int, height: int, *, focused: bool = True) -> tuple[Row, ...]:
    inner = inner_width(width)
    return box([clipped(row, inner) for row in body], "Repeats", _note(view), width, height, focused=focused)


def _note(view: View) -> str:
    """`round 4 of 20 · until ±1.00 %`."""
    if not view.variants:
        return ""
    begun = max(sum(point.state not in ("planned", "skipped") for point in each.points) for each in view.variants)
    most = max(len(each.points) for each in view.variants)
    if view.state not in ("starting", "running"):
        said = f"{begun} rounds" if begun != 1 else "one round"
    else:
        said = f"round {max(1, begun)} of {most}"
    return said if view.until is None else f"{said}{' at most' * (begun < most)} · until {half_width_text(view.until)}"


def _one_each(view: View, variants: Sequence[VariantView], width: int) -> list[Row]:
    """An axis and a row for each variant: title, points, estimate."""
    titles = min(LONGEST_TITLE, max(len(each.title) for each in variants), max(12, width // 3))
    texts = [_estimate_texts(each) for each in variants]
    # The longest form of what stands behind the strips that leaves them room.
    form = next(
        (
            form
            for form in range(len(texts[0]))
            if width - titles - 4 - max(len(text[form]) for text in texts) >= SHORTEST_STRIP
        ),
        len(texts[0]) - 1,
    )
    behind = max(len(text[form]) for text in texts)
    room = max(1, min(LONGEST_STRIP, width - titles - 4 - behind))
    limit = _limit(view, variants)
    rows = [merged((*text_row(" " * (titles + 2)), *axis_row(limit, room)))]
    for each, text in zip(variants, texts, strict=True):
        strip = strip_row(_points(each), _interval(each.estimates[-1:], _mean(each)), limit, view.until, room)
        name = padded(clipped(text_row(each.title, "big" if _going_on(each, view) else "value"), titles), titles)
        rows.append(merged((*name, ("  ", ""), *padded(strip, room), ("  ", ""), (f"{text[form]:>{behind}}", "value"))))
    return rows


def _every_repeat(view: View, width: int, rows: int) -> list[Row]:
    """An axis, and for each variant a head and its newest repeats."""
    limit = _limit(view, view.variants, history=rows - 1)
    front, behind = 8, 30
    room = max(SHORTEST_STRIP, min(LONGEST_STRIP, width - front - behind))
    body = [merged((*text_row(" " * front), *axis_row(limit, room)))]
    for each in view.variants:
        going_on = _going_on(each, view)
        now = f"  repeat {going_on} ▶" if going_on else ""
        text = next(
            text for text in _estimate_texts(each) if len(each.title) + len(text) + len(now) + 4 <= width or not text
        )
        body.append(merged(((each.title, "big"), ("  ", ""), (text, "value"), (now, "label"))))
        over = [point for point in each.points if point.state not in ("planned", "starting", "running")]
        over = [point for point in over if point.state != "skipped"][-(rows - 1) :]
        for point in over:
            sign, style = SIGNS[point.state]
            known = _known_after(each, point)
            mean = _mean(each)
            marks = [point.value / mean - 1] if point.value is not None and mean else []
            strip = strip_row(marks, _interval(known[-1:], mean), limit, view.until, room)
            value = metric_text(point.value, each.unit) if point.value is not None else point.state
            width_then = half_width(known[-1]) if known else None
            body.append(
                merged(
                    (
                        (f"{point.repeat:>4} ", "label"),
                        (f"{sign}  ", style),
                        *padded(strip, room),
                        (f"  {value}", "value"),
                        (f"  {half_width_text(width_then)}" if width_then is not None else "", "label"),
                    )
                )
            )
        body += [()] * (rows - 1 - len(over))
    return body


def _estimate_texts(variant: VariantView) -> tuple[str, ...]:
    """What is known of it, the longest form first."""
    repeats = f"{variant.done} of {len(variant.points)}"
    if not variant.estimates:
        return (repeats, repeats, repeats, "")
    known = variant.estimates[-1]
    width = half_width(known)
    within = half_width_text(width) if width is not None else "± from 3 on"
    value = metric_text(known.value, variant.unit)
    return (
        f"{variant.label} {value}  {within}  {repeats}",
        f"{value}  {within}  {repeats}",
        f"{within}  {repeats}",
        "",
    )


def _going_on(variant: VariantView, view: View) -> int | None:
    """The number of its repeat that goes on; None where none does."""
    if view.current is None:
        return None
    states = ("starting", "running")
    return next(
        (point.repeat for point in variant.points if point.run == view.current.run and point.state in states), None
    )


def _mean(variant: VariantView) -> float | None:
    """What its points are parts of."""
    values = [point.value for point in variant.points if point.value is not None and math.isfinite(point.value)]
    mean = variant.estimates[-1].value if variant.estimates else statistics.fmean(values) if values else None
    return mean if mean and math.isfinite(mean) else None


def _points(variant: VariantView) -> list[float]:
    mean = _mean(variant)
    return [point.value / mean - 1 for point in variant.points if point.value is not None] if mean else []


def _known_after(variant: VariantView, point: PointView) -> list[Estimate]:
    """What was said once this repeat was done: an estimate counts those that were done, a repeat also those before it
    that were not.
    """
    if point.state != "done":
        return []
    done = sum(each.state == "done" and each.repeat <= point.repeat for each in variant.points)
    return [said for said in variant.estimates if said.repeats == done]


def _interval(known: Sequence[Estimate], mean: float | None) -> tuple[float, float] | None:
    """Of the last of them, as parts of the mean."""
    if not known or not mean or known[-1].low is None or known[-1].high is None:
        return None
    low, high = sorted((known[-1].low / mean - 1, known[-1].high / mean - 1))
    return low, high


def _limit(view: View, variants: Sequence[VariantView], history: int = 1) -> float:
    """The axis that all of them share; of each variant the newest `history` intervals."""
    parts: list[float] = []
    for each in variants:
        parts += _points(each)
        for said in each.estimates[-history:]:
            parts += _interval((said,), _mean(each)) or ()
    return limit_of(parts, view.until)
