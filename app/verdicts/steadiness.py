"""Hysteresis: a verdict comes and goes only when several looks agree, and the primary one changes only then."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from app.verdicts.ranking import SEVERITIES, alone, ranked
from workloads.wire.frames import Missing, Verdict

LOOKS: Final = 5
"""Looks, one a second, that a verdict rests on: half a window, so that the newest half of it has been replaced."""

AGREE: Final = 3
"""Of these so many must say a thing for it to come: a majority, which one odd second cannot make."""

GONE: Final = 4
"""Of these so many must not say it for it to go. More than to come, for what is said every other second would else come
and go with each look."""

AHEAD: Final = 3
"""Looks for which another must have been ahead before it becomes the primary one. One that comes, and is graver, need
not wait: several looks have agreed on it already."""

UNKNOWN: Final = 15
"""Looks that could not look into a thing, one after the other, after which what was said of it is no longer true: a
window and a half, for behind an experiment a window fills again from nothing."""


class Steady:
    """The verdicts on one run that stand."""

    def __init__(self) -> None:
        self._looks: dict[str, deque[bool]] = {}
        self._newest: dict[str, Verdict] = {}
        self._unknown: dict[str, int] = {}
        self._primary: str | None = None
        self._contender: str | None = None
        self._ahead = 0
        self._came: set[str] = set()
        self._anew = False

    def begin_anew(self) -> None:
        """Another thing is looked at from here on: what is not said of it at once does not stand."""
        self._anew = True

    @property
    def standing(self) -> frozenset[str]:
        """Kinds."""
        return frozenset(self._newest)

    def look(self, verdicts: Sequence[Verdict], missing: Sequence[Missing]) -> tuple[Verdict, ...]:
        """What rules say now → what is to be told, the primary one first."""
        said = {verdict.kind: verdict for verdict in alone(verdicts)}
        self._came = set()
        unknown = {each.kind for each in missing} - said.keys()
        if self._anew:
            self._anew = False
            for kind in self._looks.keys() - said.keys():
                self._drop(kind)
        for kind in said.keys() | self._looks.keys():
            self._look_at(kind, said.get(kind), unknown=kind in unknown)
        return self._in_order()

    def _look_at(self, kind: str, verdict: Verdict | None, *, unknown: bool) -> None:
        if unknown:
            self._unknown[kind] = self._unknown.get(kind, 0) + 1
            if self._unknown[kind] >= UNKNOWN:
                self._drop(kind)
            return
        self._unknown.pop(kind, None)
        looks = self._looks.setdefault(kind, deque(maxlen=LOOKS))
        looks.append(verdict is not None)
        if kind in self._newest:
            if verdict is not None:
                self._newest[kind] = verdict
            elif looks.count(False) >= GONE:
                del self._newest[kind]
        elif verdict is not None and looks.count(True) >= AGREE:
            self._newest[kind] = verdict
            self._came.add(kind)
        if not any(looks):
            self._drop(kind)

    def _drop(self, kind: str) -> None:
        for known in (self._looks, self._newest, self._unknown):
            known.pop(kind, None)

    def _in_order(self) -> tuple[Verdict, ...]:
        """By rank, but for the primary one, which stays for a while."""
        order = ranked(list(self._newest.values()))
        if not order:
            self._primary = self._contender = None
            return ()
        first = order[0].kind
        if self._primary not in self._newest or first == self._primary:
            self._primary, self._contender = first, None
        elif first != self._contender:
            self._contender, self._ahead = first, 1
        else:
            self._ahead += 1
        if self._contender is not None and (self._ahead >= AHEAD or self._came_graver(order[0])):
            self._primary, self._contender = first, None
        return tuple(sorted(order, key=lambda verdict: verdict.kind != self._primary))

    def _came_graver(self, verdict: Verdict) -> bool:
        present = self._newest.get(self._primary or "")
        graver = present is not None and SEVERITIES[verdict.severity] > SEVERITIES[present.severity]
        return graver and verdict.kind in self._came
