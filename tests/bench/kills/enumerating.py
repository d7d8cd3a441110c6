"""All states of one session's life, tried one by one; the states of their recoveries too; and whether faults that are
put in on purpose are found by it.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.analysis.finishing.finish import finish
from app.session.store.folder import SessionFolder
from tests.bench.kills.instants import Instants, State
from tests.bench.kills.life import FEW, ITEMS, Life, state_faults
from tests.bench.kills.planted import FAULTS


def states_of_life(home: Path, items: int = ITEMS) -> list[State]:
    """All states of a session of so many items."""
    with tempfile.TemporaryDirectory(dir=home) as place:
        return Life(Path(place), items).go()


def faults_of(states: list[State], home: Path) -> Iterator[str]:
    """What does not hold of them."""
    with tempfile.TemporaryDirectory(dir=home) as place:
        for state in states:
            try:
                yield from state_faults(state, Path(place))
            except Exception as error:  # noqa: BLE001 - whatever it is, it did not hold
                yield f"{state.kind} before {state.number} {state.before}: {type(error).__name__}: {error}"


def states_of_recovery(state: State, home: Path) -> list[State]:
    """A session that was left so is finished, and that ends anywhere too."""
    with tempfile.TemporaryDirectory(dir=home) as place:
        folder = SessionFolder(Path(place) / "left")
        state.put(folder.path)
        instants = Instants(folder.path, lambda: (state.kept, state.kept), cut=state.cut)
        with instants.noted():
            finish(folder)
        return instants.states


def states_of_recoveries(states: list[State], home: Path, chance: random.Random, most: int) -> list[State]:
    """Some states of the recoveries of some states."""
    begun = [state for state in states if "plan.json" in state.files and "journal.frames" in state.files]
    chosen = chance.sample(begun, min(len(begun), max(1, most // 10)))
    found = [left for state in chosen for left in states_of_recovery(state, home)]
    return chance.sample(found, min(len(found), most))


def is_found(fault: str, home: Path) -> bool:
    """Whether a fault that is put in is seen in any state: first, last, second, last but one …"""
    with tempfile.TemporaryDirectory(dir=home) as place:
        life = Life(Path(place), FEW)
        try:
            with FAULTS[fault]():
                states = life.go()
        except Exception:  # noqa: BLE001 - seen at once
            return True
    middle = (len(states) + 1) // 2
    order = [each for pair in zip(states[:middle], reversed(states[middle:]), strict=False) for each in pair]
    return next(faults_of([*order, *states[middle - 1 : middle]], home), None) is not None
