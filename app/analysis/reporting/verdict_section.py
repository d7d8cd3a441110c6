"""What limited a run: the verdict with its evidence, what to try next, what else was found, what experiments showed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from app.analysis.reporting.blocks import Block, Facts, Notice, Paragraph, Section, Table, Tone
from app.analysis.why.document import RunWhy
from app.analysis.why.text import missing_texts
from app.text.evidence import interval_text, quantity
from app.text.experiments import setting_text
from app.text.numbers import bytes_text, percent
from workloads.wire.frames import Effect, Evidence, Profile, Verdict

NONE: Final = "–"
TONES: Final[dict[str, Tone]] = {"info": "good", "warning": "warning", "critical": "critical"}


def verdict_section(why: RunWhy) -> Section | None:
    """None where nothing was looked into."""
    if (said := why.verdicts) is None:
        return None
    blocks: list[Block] = []
    if not said.verdicts:
        looked_into = " that could be looked into" if said.missing else ""
        blocks.append(Notice("good", "no limit found", f"nothing{looked_into} keeps it from being faster"))
    else:
        first, *others = said.verdicts
        blocks += _primary(first, whole=said.whole)
        if others:
            blocks.append(_others(others))
    if why.afterwards:
        blocks.append(Paragraph("Worked out now, from what the session kept."))
    if why.effects:
        blocks.append(_effects(why.effects))
    blocks += _profiles(why.profiles)
    if said.missing:
        blocks.append(Facts([("not looked into", text) for text in missing_texts(said.missing)]))
    return Section("What limits it", blocks)


def notice(verdict: Verdict) -> Notice:
    """A verdict in a few lines."""
    of = "" if verdict.rank is None else f"rank {verdict.rank}: "
    # A summary begins with its kind, which is the title.
    text = verdict.summary.removeprefix(f"{verdict.kind}: ")
    return Notice(TONES.get(verdict.severity, "info"), verdict.kind, f"{of}{text}", verdict.next)


def _primary(verdict: Verdict, *, whole: bool) -> Iterator[Block]:
    yield notice(verdict)
    if verdict.evidence:
        rows = [_evidence(each) for each in verdict.evidence]
        yield Table(("evidence", "value", "threshold", "from"), rows, words=frozenset({0, 3}))
    seconds = (verdict.to_ns - verdict.from_ns) / 1e9
    facts = [
        ("at most", verdict.bound_because),
        ("confidence", verdict.confidence),
        ("window", f"{seconds:.1f} s{', all that was measured' if whole else ''}"),
        ("would prove it", f"the experiment {verdict.experiment}, on the live screen" if verdict.experiment else ""),
    ]
    yield Facts(facts)


def _evidence(each: Evidence) -> tuple[str, str, str, str]:
    limit = NONE if each.limit is None else quantity(each.limit, each.unit)
    return each.name, quantity(each.value, each.unit), limit, each.source


def _others(others: Sequence[Verdict]) -> Table:
    rows = [
        (
            each.severity,
            each.summary if each.rank is None else f"rank {each.rank}: {each.summary}",
            each.bound_because,
            each.next,
        )
        for each in others
    ]
    return Table(("also", "what", "at most", "try"), rows, words=frozenset(range(4)))


def _effects(effects: Sequence[Effect]) -> Table:
    rows = []
    for each in effects:
        ratio = NONE if each.ratio is None else interval_text(each.ratio, each.low, each.high)
        setting = each.setting or setting_text(each.experiment)
        rows.append((each.experiment, setting, ratio, f"{each.plain} + {each.changed}", each.reason))
    head = ("experiment", "what was changed", "as fast", "blocks", "")
    return Table(head, rows, words=frozenset({0, 1, 4}))


def _profiles(profiles: Sequence[Profile]) -> Iterator[Block]:
    for profile in profiles:
        if not profile.operators:
            continue
        on_device = any(operator.device_ns is not None for operator in profile.operators)
        rows = [
            (
                operator.name,
                f"{operator.calls:,}",
                quantity(operator.host_ns, "ns"),
                *([NONE if operator.device_ns is None else quantity(operator.device_ns, "ns")] if on_device else []),
            )
            for operator in profile.operators
        ]
        busy = ""
        if profile.device_busy_ns is not None and profile.window_ns:
            busy = f", the device busy for {percent(100 * profile.device_busy_ns / profile.window_ns)} of them"
        size = f" ({profile.file}, {bytes_text(profile.size_bytes)})" if profile.file else ""
        head = ("operator", "calls", "own time on host", *(["on device"] if on_device else []))
        yield Table(head, rows, caption=f"Profile of {profile.steps} steps{busy}{size}")
