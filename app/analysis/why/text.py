"""What limited each run, as text: what `benchtop why` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.session.plain import plain
from app.text.evidence import interval_text
from app.text.numbers import bytes_text, duration
from app.text.verdicts import evidence_text, verdict_line
from workloads.wire.frames import Effect, Missing, Profile, Verdict

if TYPE_CHECKING:
    from app.analysis.why.document import RunWhy, Why

LABEL = 16
CHANGES_SHOWN = 8


def why_text(why: Why, width: int) -> str:
    """The whole session, wrapped to `width` columns, 60 at least."""
    width = max(width, 60)
    lines = [f"{why.name}{'  still running: as of now' if why.running else ''}"]
    lines += [_item("caution", each.line) for each in why.damaged]
    for run in why.runs:
        lines += ["", *_run(run)]
    return "\n".join(wrapped for line in lines for wrapped in _wrap(line, width))


def _run(run: RunWhy) -> Iterator[str]:
    yield f"{run.run}  {run.title}  {run.state}"
    said = run.verdicts
    if run.measured_until_s is not None:
        until = duration(run.measured_until_s)
        over = f"is at {until} of measuring" if run.state == "running" else f"ended at {until} of measuring"
        yield _item("", f"{over}; give an earlier --at, or none for all of it")
    elif said is None:
        yield _item("", "no verdict yet" if run.state == "running" else "nothing was measured")
    elif not said.verdicts:
        looked_into = " that could be looked into" if said.missing else ""
        yield _item("no limit found", f"nothing{looked_into} keeps it from being faster")
    else:
        first, *others = said.verdicts
        yield from _primary(first, run)
        for verdict in others:
            yield _item("also", f"{_named(verdict)}{verdict_line(verdict)}")
    if run.afterwards and said is not None:
        yield _item("", "worked out now, from what the session kept")
    yield from (_item("incomplete", text) for text in missing_texts(said.missing if said is not None else ()))
    yield from _course(run)
    for effect in run.effects:
        yield _item("experiment", _effect(effect))
    for profile in run.profiles:
        yield _item("profile", _profile(profile))


def _primary(verdict: Verdict, run: RunWhy) -> Iterator[str]:
    yield _item("limited by", f"{_named(verdict)}{verdict.summary}")
    for place, evidence in enumerate(verdict.evidence):
        yield _item("" if place else "evidence", evidence_text(evidence))
    yield _item("window", _window(verdict, run))
    if verdict.next:
        yield _item("next", verdict.next)
    if verdict.bound_because:
        yield _item("bound", verdict.bound_because)
    yield _item("confidence", verdict.confidence)
    if verdict.experiment:
        yield _item("would prove it", f"the experiment {verdict.experiment}: x on the live screen")


def missing_texts(missing: Sequence[Missing]) -> Iterator[str]:
    """What could not be looked into, together where it is for one reason."""
    kinds: dict[str, list[str]] = {}
    for each in missing:
        kinds.setdefault(each.what, []).append(each.kind)
    for what, those in kinds.items():
        yield f"{', '.join(those)}: {what}"


def _named(verdict: Verdict) -> str:
    """What a reader must know before the words: how grave it is, and of which rank."""
    of = "" if verdict.rank is None else f"rank {verdict.rank}: "
    return of if verdict.severity == "info" else f"({verdict.severity}) {of}"


def _window(verdict: Verdict, run: RunWhy) -> str:
    seconds = (verdict.to_ns - verdict.from_ns) / 1e9
    whole = run.verdicts is not None and run.verdicts.whole
    text = f"{seconds:.1f} s" + (", all that was measured" if whole else "")
    if run.measured_from_ns is None or whole:
        return text
    began, ended = ((at_ns - run.measured_from_ns) / 1e9 for at_ns in (verdict.from_ns, verdict.to_ns))
    return f"{text}, {duration(began)} to {duration(ended)} of measuring"


def _course(run: RunWhy) -> Iterator[str]:
    """How the primary verdict changed, where it did."""
    changes = [change for change in run.primaries if run.measured_from_ns is not None]
    if len(changes) < 2:
        return
    began = run.measured_from_ns or 0
    told = [f"{duration((each.at_ns - began) / 1e9)} {each.kind or 'none'}" for each in changes[-CHANGES_SHOWN:]]
    more = len(changes) - len(told)
    yield _item("in its course", ", ".join(told) + (f" ({more} changes before that)" if more else ""))


def _effect(effect: Effect) -> str:
    blocks = f"{effect.plain} plain and {effect.changed} changed blocks"
    setting = f" ({effect.setting})" if effect.setting else ""
    reason = f"; {effect.reason}" if effect.reason else ""
    if effect.ratio is None:
        return f"{effect.experiment}{setting}: no result, {blocks}{reason}"
    ratio = interval_text(effect.ratio, effect.low, effect.high)
    confidence = f" at {effect.confidence * 100:.0f} % confidence" if effect.low is not None else ""
    return f"{effect.experiment}{setting}: {ratio} as fast{confidence}, {blocks}{reason}"


def _profile(profile: Profile) -> str:
    if not profile.file:
        return profile.reason or "none was kept"
    kept = f"{profile.file}, {profile.steps} steps, {bytes_text(profile.size_bytes)}"
    return kept + (f"; {profile.reason}" if profile.reason else "")


def _item(label: str, text: str) -> str:
    return f"  {label:<{LABEL}}{text}"


def _wrap(line: str, width: int) -> list[str]:
    # A journal may come from a stranger: nothing in it may move a cursor.
    return textwrap.wrap(plain(line), width, subsequent_indent=" " * (LABEL + 2), break_on_hyphens=False) or [""]
