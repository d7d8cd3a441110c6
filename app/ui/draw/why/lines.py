"""The verdict of the present run in few rows: what limits it, what to try, what that would be worth.

One row where there is no more, two in a terminal of 80×24, a box with the evidence and the other verdicts in a larger.
What is worth most stays longest: the verdict and its number, then what it would be worth, then what to try.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import RunView, SessionState, View
from app.text.evidence import quantity, ratio_text
from app.ui.draw.box import box, inner_width
from app.ui.draw.items import GAP, Item, items_row
from app.ui.draw.rows import Row, clipped, merged, padded, row_width, text_row
from app.ui.draw.why.found import missing_of, verdicts_of
from app.ui.draw.why.going_on import effect_of, experiment_under_way, going_on_text, result_text
from app.ui.draw.why.severity import SEVERITIES
from workloads.wire.frames import Evidence, Missing, Verdict

FEWEST_FOR_NEXT = 12
"""Cells below which what to try is left out rather than cut."""
BOXED = 4
"""Rows from which there is a box."""


def draw_verdict(view: View, width: int, height: int, *, focused: bool = False) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells."""
    run = view.current
    verdicts, missing = verdicts_of(run), missing_of(run)
    if height >= BOXED:
        inner = inner_width(width)
        body = _body(view, verdicts, missing, inner)
        return box(
            [clipped(row, inner) for row in body], "Verdict", _note(run, verdicts), width, height, focused=focused
        )
    margin: Row = (("▸" if focused else " ", "key"),)
    if run is None or not verdicts:
        said = no_verdict_row(run, missing, view.state)
        return tuple(clipped(row, width) for row in ((*margin, *said), ())[:height])
    rows = (_one_row(run, verdicts[0], width - 1),) if height == 1 else _two_rows(view, run, verdicts[0], width - 1)
    return tuple(clipped(merged((*(margin if not y else text_row(" ")), *row)), width) for y, row in enumerate(rows))


def _note(run: RunView | None, verdicts: Sequence[Verdict]) -> str:
    if run is None or run.verdicts is None or not verdicts:
        return ""
    return "of the whole run" if run.verdicts.whole else ""


def no_verdict_row(run: RunView | None, missing: Sequence[Missing], session: SessionState) -> Row:
    """Why there is no verdict."""
    if run is None or run.verdicts is None:
        if (session if run is None else run.state) in ("starting", "running"):
            return (("– no verdict yet", "label"),)
        measured = run is not None and run.steps > 0
        said = "no verdict was recorded; `benchtop why` works it out" if measured else "nothing was measured"
        return ((f"– {said}", "label"),)
    if not missing:
        return (("– nothing found that limits it", "label"),)
    first = f"{missing[0].kind} ({missing[0].what})"
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return ((f"– nothing found that limits it; not looked into: {first}{more}", "label"),)


def _head(verdict: Verdict) -> Row:
    sign, style = SEVERITIES[verdict.severity]
    return ((f"{sign} ", style), (verdict.summary, style if verdict.severity == "critical" else "big"))


def _worth(run: RunView, verdict: Verdict) -> Row:
    """What its experiment has shown, else what it would be worth at most."""
    effect = effect_of(run, verdict.experiment) if verdict.experiment else None
    if effect is not None and effect.over and effect.ratio is not None:
        return (("tried: ", "label"), (result_text(effect), "value"))
    if verdict.bound is None:
        return ()
    return (("at most ", "label"), (ratio_text(verdict.bound), "value"))


def _first_row(run: RunView, verdict: Verdict, width: int) -> Row:
    """The verdict, and at the right what it would be worth."""
    worth = _worth(run, verdict)
    room = width - row_width(worth) - GAP if worth else width
    return merged((*clipped(_head(verdict), max(0, room)), (" " * GAP if worth else "", ""), *worth))


def _one_row(run: RunView, verdict: Verdict, width: int) -> Row:
    """All in one; what goes on now takes the place of what could be tried."""
    head, worth = _head(verdict), _worth(run, verdict)
    after = going_on_text(run) or (f"→ {verdict.next}" if verdict.next else "")
    room = width - row_width(head) - row_width(worth) - 2 * GAP
    if room < min(FEWEST_FOR_NEXT, len(after)) or not after:
        return _first_row(run, verdict, width)
    return merged((*head, (" " * GAP, ""), *clipped(((after, "value"),), room), (" " * GAP, ""), *worth))


def _two_rows(view: View, run: RunView, verdict: Verdict, width: int) -> tuple[Row, Row]:
    return _first_row(run, verdict, width), clipped(_going_on(view, run) or _next(verdict), width)


def _going_on(view: View, run: RunView) -> Row:
    text = going_on_text(run)
    ends = "  x ends it" if experiment_under_way(run) is not None and view.played is None else ""
    return ((f"  {text}", "value"), (ends, "label")) if text else ()


def _next(verdict: Verdict) -> Row:
    return (("  try ", "label"), (verdict.next, "value")) if verdict.next else ()


def _body(view: View, verdicts: Sequence[Verdict], missing: Sequence[Missing], width: int) -> list[Row]:
    """What stands in the box: the verdict, what to try, the evidence, and what else there is."""
    run = view.current
    if run is None or not verdicts:
        return [clipped(no_verdict_row(run, missing, view.state), width)]
    first, second = _two_rows(view, run, verdicts[0], width)
    evidence = items_row([_item(each) for each in verdicts[0].evidence], width - 2)
    return [first, second, padded(merged((("  ", ""), *evidence)), width), _others(verdicts[1:], missing, width)]


def _item(evidence: Evidence) -> Item:
    """`data wait 41.0 % (threshold 20.0 %)`; where there is little room without that."""
    value = quantity(evidence.value, evidence.unit)
    short: Row = ((f"{evidence.name} ", "label"), (value, "value"))
    if evidence.limit is None:
        return Item(short)
    return Item(merged((*short, (f" (threshold {quantity(evidence.limit, evidence.unit)})", "label"))), 0, (short,))


def _others(others: Sequence[Verdict], missing: Sequence[Missing], width: int) -> Row:
    """The other verdicts by their names, and how many could not be looked into."""
    items = [
        Item(((f"{SEVERITIES[each.severity][0]} ", SEVERITIES[each.severity][1]), (each.kind, "value")))
        for each in others
    ]
    if items:
        items.insert(0, Item((("also", "label"),)))
    if missing:
        items.append(Item(((f"{len(missing)} not looked into", "label"),)))
    return merged((("  ", ""), *items_row(items, width - 2, "w tells all")))
