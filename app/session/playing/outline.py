"""What stands on the bar of a session that is played: its runs, phases, marks, changes of verdicts and failures.

Made of the frames that no table of samples holds, as they are read; bounded however long a session is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from app.session.plain import plain
from workloads.wire.frames import AnyFrame, Done, Event, Failure, Phase, RunStarted, Verdicts

MOST: Final = 2_000
"""Signs of each kind that are kept, the first of them: a bar cannot show more of them apart."""

Kind = Literal["run", "phase", "mark", "verdict", "failure"]
KINDS: Final[tuple[Kind, ...]] = ("run", "phase", "mark", "verdict", "failure")


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at an instant."""

    at_ns: int
    kind: Kind
    run: int
    text: str
    """A few words: the run's title, `measure`, `batch 64 to 128`, `input-bound`."""


class Outline(msgspec.Struct, frozen=True):
    """All signs, in the order of time."""

    signs: tuple[Sign, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Sign, ...]:
        """Those of some kinds."""
        return tuple(sign for sign in self.signs if sign.kind in kinds)


def next_sign(signs: Sequence[Sign], from_ns: int, by: int) -> Sign | None:
    """The first one after an instant, or (`by` −1) the last one before it; None where there is none."""
    if by > 0:
        return next((sign for sign in signs if sign.at_ns > from_ns), None)
    return next((sign for sign in reversed(signs) if sign.at_ns < from_ns), None)


class Outliner:
    """Takes frames in their order, and gives the outline at any time."""

    def __init__(self, titles: dict[int, str]) -> None:
        """`titles`: what each run is called."""
        self._titles = titles
        self._signs: dict[Kind, list[Sign]] = {kind: [] for kind in KINDS}
        self._started: set[int] = set()
        self._phases: dict[int, str] = {}
        self._primaries: dict[int, str] = {}
        self._made: Outline | None = None

    def take(self, frame: AnyFrame) -> None:
        """One frame; what ranks say is said by the first of them."""
        match frame:
            case RunStarted() if not frame.rank and frame.run not in self._started:
                self._started.add(frame.run)
                self._put("run", frame.at_ns, frame.run, self._titles.get(frame.run, frame.workload))
            case Phase() if not frame.rank and self._phases.get(frame.run) != frame.phase:
                self._phases[frame.run] = frame.phase
                self._put("phase", frame.at_ns, frame.run, frame.phase)
            case Done():
                self._phases.pop(frame.run, None)
            case Event() if not frame.rank and frame.kind in ("knob", "mark"):
                self._put("mark", frame.at_ns, frame.run, frame.text or frame.kind)
            case Failure():
                self._put("failure", frame.at_ns, frame.run, frame.message)
            case Verdicts() if not frame.whole:
                kind = frame.verdicts[0].kind if frame.verdicts else ""
                if kind != self._primaries.get(frame.run, ""):
                    self._primaries[frame.run] = kind
                    self._put("verdict", frame.at_ns, frame.run, kind or "no verdict")

    def view(self) -> Outline:
        """As it is now; the same object as long as nothing was added."""
        if self._made is None:
            signs = (sign for each in self._signs.values() for sign in each)
            self._made = Outline(tuple(sorted(signs, key=lambda sign: sign.at_ns)))
        return self._made

    def _put(self, kind: Kind, at_ns: int, run: int, text: str) -> None:
        if len(self._signs[kind]) < MOST:
            self._signs[kind].append(Sign(at_ns=at_ns, kind=kind, run=run, text=plain(text)))
            self._made = None
