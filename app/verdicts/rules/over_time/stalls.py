"""periodic-stall: every now and then a step takes many times as long, and something happens then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

from app.verdicts.rules.host.contention import cpu_contention
from app.verdicts.rules.settings import doubled, setting
from app.verdicts.rules.telling import WORTH_TELLING, limit, lost, share_evidence, share_text
from app.verdicts.window import Course, Slow, Window
from workloads.wire.frames import Event, Evidence, Missing, Verdict

ENOUGH: Final = 0.05
"""Of the time, that stalls take beyond a usual step: less is the price of checkpoints that one wants to have."""

FEWEST: Final = 3
"""Stalls: two make one interval, and any two events are periodic."""

FEWEST_KNOWN: Final = 2
"""Checkpoints and evaluations: loops have them at a period, and how long each took is measured."""

KNOWN: Final = frozenset({"checkpoint", "evaluation"})

REGULAR: Final = 0.35
"""Median deviation of the intervals from their median, as a part of it, up to which stalls come at a period. Evenly
random instants have 0.7 (an exponential distribution's median deviation over its median)."""

OVER: Final = 3.0
"""Periods without a stall after which it has ended."""

FEWEST_BETWEEN: Final = 5
"""Usual steps between two stalls. Where every third step is slow, that is how steps are: threads that wait for a
processor make such steps by the dozen."""

THEN: Final = 0.5
"""Of the stalls, that an event of one kind explains."""

OTHER_KINDS: Final = frozenset({"garbage-collection", "recompile", "compile", "allocator-retry"})
"""Events that have a verdict of their own where they matter; here they only explain."""

NAMES: Final = {
    "checkpoint": "a checkpoint is written",
    "evaluation": "the model is evaluated",
    "garbage-collection": "Python collects garbage",
    "recompile": "torch.compile compiles again",
    "compile": "torch.compile compiles",
    "allocator-retry": "torch gives cached memory back",
    "mark": "the script marks",
    "knob": "a setting is changed",
}

REMEDIES: Final = {
    "checkpoint": "write checkpoints less often, or beside the loop: torch.distributed.checkpoint.async_save, or copy "
    "the state to the host and torch.save it in a thread",
    "evaluation": "evaluate less often or on fewer samples, under torch.inference_mode() and with a larger batch",
    "garbage-collection": "gc.freeze() before the loop and gc.collect() at its quiet points",
}


class Stalls(msgspec.Struct, frozen=True):
    """What comes back again and again."""

    count: int
    every_ns: float
    each_ns: float
    """Beyond a usual step, the median."""
    regular: bool
    kind: str = ""
    """Of the events that happen then; empty: none."""
    last: Event | None = None

    @property
    def share(self) -> float:
        """Of the time."""
        return min(1.0, self.each_ns / self.every_ns) if self.every_ns > 0 else 0.0


def periodic_stall(window: Window) -> Verdict | Missing | None:
    """Slow steps, or pauses between them, come back at a period or with an event, and cost a twentieth of the time."""
    course = window.course
    found = _slow_steps(window, course) or _pauses(window, course)
    if found is None or found.share < limit(window, "periodic-stall", ENOUGH) or _elsewhere(window, found):
        return None
    return _told(window, found)


def _elsewhere(window: Window, found: Stalls) -> bool:
    """Whether it is no stall of its own: random and unexplained, or what another verdict is about."""
    if not found.kind:
        return not found.regular or isinstance(cpu_contention(window), Verdict)
    return found.kind in OTHER_KINDS and window.happened_ns(found.kind) >= ENOUGH * (window.to_ns - window.from_ns)


def _slow_steps(window: Window, course: Course) -> Stalls | None:
    stalls = sorted(course.stalls, key=lambda stall: stall.start_ns)
    usual = window.steps.median_ns if window.steps is not None else 0.0
    found = _repeated([(stall.start_ns, max(0.0, stall.wall_ns - usual)) for stall in stalls], window.to_ns)
    if found is None or found.every_ns - found.each_ns < FEWEST_BETWEEN * usual:
        return None
    kind, last = _meanwhile(stalls, course.events)
    if found.count < FEWEST and kind not in KNOWN:
        return None
    return msgspec.structs.replace(found, kind=kind, last=last)


def _pauses(window: Window, course: Course) -> Stalls | None:
    """Of a script: checkpoints and evaluations may lie between steps. benchtop's own are not in its results."""
    if not window.hooked:
        return None
    for kind in sorted(KNOWN):
        events = [event for event in course.events if event.kind == kind and event.wall_ns]
        found = _repeated([(event.at_ns, float(event.wall_ns)) for event in events], window.to_ns)
        if found is not None and found.share >= ENOUGH:
            return msgspec.structs.replace(found, kind=kind, last=events[-1])
    return None


def _repeated(items: Sequence[tuple[int, float]], now_ns: int) -> Stalls | None:
    """Instants and durations, in order of time → how they come back; None: too few, or it has ended."""
    if len(items) < FEWEST_KNOWN:
        return None
    intervals = [after - before for (before, _), (after, _) in pairwise(items)]
    every = median(intervals)
    if every <= 0 or now_ns - items[-1][0] > OVER * max(every, *intervals):
        return None
    spread = median(abs(interval - every) for interval in intervals)
    mean = (items[-1][0] - items[0][0]) / len(intervals)
    regular = spread <= REGULAR * every
    each = median(length for _, length in items)
    return Stalls(count=len(items), every_ns=every if regular else mean, each_ns=each, regular=regular)


def _meanwhile(stalls: Sequence[Slow], events: Sequence[Event]) -> tuple[str, Event | None]:
    """The kind of event that most stalls have in them, taking the most time where there are several."""
    held: Counter[str] = Counter()
    took: Counter[str] = Counter()
    last: dict[str, Event] = {}
    for stall in stalls:
        end_ns = stall.start_ns + stall.wall_ns
        inside = [one for one in events if one.at_ns < end_ns and one.at_ns + max(1, one.wall_ns) > stall.start_ns]
        for name in {event.kind for event in inside}:
            held[name] += 1
        for event in inside:
            took[event.kind] += min(end_ns, event.at_ns + event.wall_ns) - max(stall.start_ns, event.at_ns)
            last[event.kind] = event
    often = [name for name, count in held.items() if count >= THEN * len(stalls)]
    kind = max(often, key=lambda one: took[one], default="")
    return kind, last.get(kind)


def _told(window: Window, found: Stalls) -> Verdict:
    every, each = found.every_ns * 1e-9, found.each_ns * 1e-9
    then = f": {NAMES[found.kind]} then" if found.kind else ""
    if found.kind == "mark" and found.last is not None:
        then = f": the script marks {found.last.text!r} then"
    often = f"every {every:.1f} s" if found.regular else f"{found.count} times, every {every:.1f} s on average,"
    remedy = REMEDIES.get(found.kind) or (
        "look at what the script does then: logging, saving, a new epoch (DataLoader(…, persistent_workers=True) "
        "keeps its workers); benchtop.mark('…') names it here"
    )
    if found.kind == "evaluation":
        remedy = setting(window, "evaluate_every", doubled(window, "evaluate_every"), remedy)
    return lost(
        window,
        "periodic-stall",
        share=found.share,
        without="no stalls",
        says=f"{often} a stall of {_length(each)} ({share_text(found.share)} of the time){then}",
        evidence=(
            share_evidence("time in stalls", found.share, limit=ENOUGH),
            Evidence(
                name="stalls", value=found.count, limit=FEWEST_KNOWN if found.kind in KNOWN else FEWEST, source="steps"
            ),
            Evidence(name="period", value=found.every_ns, unit="ns", source="steps"),
            Evidence(name="length beyond a usual step", value=found.each_ns, unit="ns", source="steps"),
        ),
        try_this=remedy,
        warns=WORTH_TELLING,
        confidence="high"
        if found.regular and found.kind and found.count >= FEWEST
        else "medium"
        if found.regular or found.kind
        else "low",
    )


def _length(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1e3 * seconds:.0f} ms"
