"""All that was found out about a run, as a page that scrolls: verdicts, experiments, profiles, what is missing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import tzinfo

import msgspec

from app.session.live.asking import why_not_tried
from app.session.live.view import RunView, View
from app.text.evidence import ratio_text
from app.text.experiments import setting_text
from app.ui.draw.clock import clock_text
from app.ui.draw.rows import Row, clipped, merged, row_width
from app.ui.draw.why.effect import blocks_text, effect_axis_row, effect_end, effect_row, style_of, widest
from app.ui.draw.why.evidence import evidence_rows
from app.ui.draw.why.found import missing_of, verdicts_of
from app.ui.draw.why.going_on import effect_of, experiment_under_way, progress_text, result_text
from app.ui.draw.why.lines import no_verdict_row
from app.ui.draw.why.profile import profile_rows
from app.ui.draw.why.severity import SEVERITIES
from workloads.wire.frames import Effect, Missing, Profile, Verdict

WORD_CELLS = 8
"""Of `try`, `worth` and so on."""
INDENT = 3
LONGEST_STRIP = 61


class Page(msgspec.Struct, frozen=True):
    """Rows of `width` cells or fewer, and where each verdict begins and ends among them."""

    rows: tuple[Row, ...]
    places: tuple[tuple[int, int], ...]


def why_page(view: View, run: RunView | None, selected: int, width: int, zone: tzinfo | None = None) -> Page:
    """The page of one run. `selected`: which of the verdicts is marked."""
    verdicts, missing = verdicts_of(run), missing_of(run)
    rows: list[Row] = [] if verdicts else [clipped(no_verdict_row(run, (), view.state), width), ()]
    places = []
    for number, verdict in enumerate(verdicts):
        assert run is not None
        first = len(rows)
        rows += _verdict(view, run, verdict, width, zone, marked=number == selected)
        places.append((first, len(rows)))
        rows.append(())
    if run is not None:
        rows += _effects(run.effects, width)
        rows += _profiles(run.profiles, width)
    rows += _missing(missing, width)
    return Page(tuple(row if row_width(row) <= width else clipped(row, width) for row in rows), tuple(places))


def _verdict(
    view: View, run: RunView, verdict: Verdict, width: int, zone: tzinfo | None, *, marked: bool
) -> Iterator[Row]:
    sign, style = SEVERITIES[verdict.severity]
    sure: Row = ((f"{verdict.confidence} confidence", "label"),)
    room = width - row_width(sure) - 2
    beside = room >= width // 2
    pieces = textwrap.wrap(verdict.summary, max(20, (room if beside else width) - INDENT)) or [""]
    words = "big" if marked else "value"
    head: Row = (("▸" if marked else " ", "key"), (f"{sign} ", style), (pieces[0], words))
    yield merged((*clipped(head, room), ("  ", ""), *sure)) if beside else clipped(head, width)
    yield from (clipped(((" " * INDENT, ""), (piece, words)), width) for piece in pieces[1:])
    if verdict.rank is not None:
        yield from _told("rank", f"{verdict.rank}", width)
    if verdict.next:
        yield from _told("try", verdict.next, width)
    if verdict.bound is not None or verdict.bound_because:
        worth = "" if verdict.bound is None else f"at most {ratio_text(verdict.bound)}"
        because = verdict.bound_because
        yield from _told("worth", because if "×" in because else f"{worth}: {because}".strip(": "), width)
    yield from _told("proof", _proof(run, verdict, asks=view.played is None), width)
    if verdict.to_ns > verdict.from_ns:
        window = " to ".join(clock_text(view, at_ns, zone) for at_ns in (verdict.from_ns, verdict.to_ns))
        yield from _told("window", f"{window}, enter shows it", width)
    yield from evidence_rows(verdict.evidence, width)


def _proof(run: RunView, verdict: Verdict, *, asks: bool) -> str:
    """The experiment that belongs to it, how far it is, or what it came to. `asks`: it can be begun and ended here."""
    if not verdict.experiment:
        return "no experiment belongs to it"
    what = setting_text(verdict.experiment)
    effect = effect_of(run, verdict.experiment)
    if effect is None and (run.state != "running" or not asks):
        return f"not tried: {what}"
    if effect is None:
        why = why_not_tried(run.started, verdict.experiment)
        return why or f"x tries it: {what}"
    if experiment_under_way(run) == verdict.experiment:
        return f"trying {what}: {progress_text(effect)}{', x ends it' if asks else ''}"
    return f"tried {what}: {result_text(effect)}"


def _told(word: str, text: str, width: int) -> Iterator[Row]:
    """`   try     DataLoader(num_workers=8)`."""
    return _hung((f"{'':<{INDENT}}{word:<{WORD_CELLS}}", "label"), (text, "value"), width)


def _hung(head: tuple[str, str], words: tuple[str, str], width: int) -> Iterator[Row]:
    """A head and words behind it; what is too long goes on under itself."""
    (name, style), (text, style_of_words) = head, words
    for number, piece in enumerate(textwrap.wrap(text, max(20, width - len(name))) or [""]):
        yield clipped(((" " * len(name) if number else name, style), (piece, style_of_words)), width)


def _effects(effects: Sequence[Effect], width: int) -> Iterator[Row]:
    """A row each, the interval on an axis that all share."""
    if not effects:
        return
    yield (("Experiments: work a second, changed against plain", "title"),)
    end, names = effect_end(effects), widest(effects)
    texts = [f"{result_text(effect)}  {blocks_text(effect)}" for effect in effects]
    strip = min(LONGEST_STRIP, width - names - max(map(len, texts)) - 6)
    below = strip < LONGEST_STRIP // 3
    strip = min(LONGEST_STRIP, width - 4) if below else strip
    for effect, text in zip(effects, texts, strict=True):
        row = effect_row(effect, end, strip)
        name: Row = ((f"  {effect.experiment:<{names}}  ", "value"),)
        said: Row = ((f"  {text}", style_of(effect) if effect.over else "value"),)
        if below:
            yield clipped(merged((*name, *said)), width)
            yield clipped(merged((("  ", ""), *row)), width)
        else:
            yield clipped(merged((*name, *row, *said)), width)
    yield clipped(merged(((" " * (2 if below else names + 4), ""), *effect_axis_row(end, strip))), width)
    yield ()


def _profiles(profiles: Sequence[Profile], width: int) -> Iterator[Row]:
    """The newest first."""
    for profile in reversed(profiles):
        yield (("Profile", "title"),)
        yield from (merged((("  ", ""), *row)) for row in profile_rows(profile, max(0, width - 2)))
        yield ()


def _missing(missing: Sequence[Missing], width: int) -> Iterator[Row]:
    """What could not be looked into, and why."""
    if not missing:
        return
    yield (("Not looked into", "title"),)
    kinds = max(len(each.kind) for each in missing)
    for each in missing:
        yield from _hung((f"  {each.kind:<{kinds}}  ", "value"), (each.what, "label"), width)
