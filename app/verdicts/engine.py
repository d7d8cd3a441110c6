"""The engine: frames in, verdicts and effects out. Once a second it looks at the run that goes on.

It reads no clock and writes nothing: whoever owns it says when to look and takes what is to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from app.session.planning.plan import Plan
from app.verdicts.experiments import Experiments
from app.verdicts.gathering.run import RunGathering
from app.verdicts.gathering.session import Gathering
from app.verdicts.ranking import alone, missing_alone, ranked
from app.verdicts.rule import Rule
from app.verdicts.rules import ALL
from app.verdicts.steadiness import Steady
from app.verdicts.window import Window
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    Done,
    Effect,
    Log,
    Missing,
    Phase,
    Requests,
    Steps,
    Verdict,
    Verdicts,
)

LOOK_NS: Final = 1_000_000_000
"""Between two looks."""

FRESH_NS: Final = 5_000_000_000
"""What stands is told again after this long, for its numbers have changed: half a window."""

YOUNG_NS: Final = 2_000_000_000
"""Nothing is said of a run that has been measured, or warmed up, for less: a handful of readings is no mean."""


class Engine:
    """Of one session, whose runs follow each other."""

    def __init__(self, plan: Plan, rules: Sequence[Rule] = ALL) -> None:
        self._gathering = Gathering(plan)
        self._rules = list(rules)
        self._steady = Steady()
        self._experiments: Experiments | None = None
        self._run: RunGathering | None = None
        self._told: Verdicts | None = None
        self._measured = False
        """Whether what stands is of measured steps, and not of the warm-up."""
        self._looked_ns = 0
        self._ready: list[AnyFrame] = []

    def feed(self, frame: AnyFrame) -> None:
        """Take one frame."""
        self._gathering.feed(frame)
        going = self._gathering.going
        if going is not self._run:
            self._run, self._steady, self._told, self._measured = going, Steady(), None, False
            self._experiments = Experiments(going.number) if going else None
        if self._run is None or self._experiments is None or frame.run != self._run.number:
            return
        effect: Effect | None = None
        match frame:
            case Phase() if not frame.rank:
                effect = self._experiments.take_phase(frame)
            case Steps() | Requests():
                with suppress(ValueError, OverflowError):  # columns that are not sound
                    self._experiments.take_samples(frame)
            case Done() if not frame.rank:
                effect = self._experiments.end(frame.at_ns)
        if effect is not None:
            self._ready.append(effect)

    def look(self, now_ns: int) -> list[AnyFrame]:
        """What is to be told now. To be called often; it looks once a second."""
        told, self._ready = self._ready, []
        run = self._run
        if run is None or now_ns - self._looked_ns < LOOK_NS:
            return told
        self._looked_ns = now_ns
        run.settle(now_ns)
        if not run.counts_now or now_ns - run.stretch_ns < YOUNG_NS:
            return told
        if run.measured and not self._measured:  # what was true of the warm-up says nothing of what is measured
            self._measured = True
            self._steady.begin_anew()
        window = self._gathering.window(run, now_ns, standing=self._steady.standing)
        verdicts, missing = self._ask(window, told)
        standing = self._steady.look(verdicts, missing)
        frame = Verdicts(run=run.number, at_ns=now_ns, verdicts=standing, missing=missing_alone(missing, standing))
        if self._is_news(frame):
            self._told = frame
            told.append(frame)
        return told

    def end(self, run: int, now_ns: int) -> list[AnyFrame]:
        """A run is over → the last that is to be told of it: what limited all that it measured."""
        told, self._ready = self._ready, []
        going = self._run
        if going is None or going.number != run:
            return told
        going.end(now_ns)
        if self._experiments is not None and (effect := self._experiments.end(now_ns)) is not None:
            told.append(effect)
        if going.measured:
            window = self._gathering.window(going, now_ns, whole=True)
            verdicts, missing = self._ask(window, told)
            found = tuple(ranked(alone(verdicts)))
            told.append(
                Verdicts(run=run, at_ns=now_ns, verdicts=found, missing=missing_alone(missing, found), whole=True)
            )
        self._gathering.forget(run)
        self._run = self._experiments = None
        return told

    def _ask(self, window: Window, told: list[AnyFrame]) -> tuple[list[Verdict], list[Missing]]:
        """What all rules say. One that fails is left out from here on, and that is said."""
        verdicts: list[Verdict] = []
        missing: list[Missing] = []
        for rule in tuple(self._rules):
            try:
                said = rule(window)
            except Exception as error:  # noqa: BLE001 - the border: whatever a rule raises costs that rule alone
                self._rules.remove(rule)
                name = getattr(rule, "__name__", repr(rule))
                text = f"the verdict {name} is left out: it failed ({type(error).__name__}: {error})"
                told.append(Log(run=SESSION, at_ns=window.to_ns, level="warning", origin="verdicts", text=text))
                continue
            if isinstance(said, Verdict):
                windowed = said.to_ns or not window.to_ns
                verdicts.append(said if windowed else replace(said, from_ns=window.from_ns, to_ns=window.to_ns))
            elif isinstance(said, Missing):
                missing.append(said)
        return verdicts, missing

    def _is_news(self, frame: Verdicts) -> bool:
        if self._told is None or frame.at_ns - self._told.at_ns >= FRESH_NS:
            return bool(frame.verdicts or frame.missing) or self._told is not None
        return _gist(frame) != _gist(self._told)


def _gist(frame: Verdicts) -> tuple[object, ...]:
    """What a reader would notice; numbers change all the time."""
    return (
        tuple((verdict.kind, verdict.severity, verdict.rank) for verdict in frame.verdicts),
        {each.kind for each in frame.missing},
    )
