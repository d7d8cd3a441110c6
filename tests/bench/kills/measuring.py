"""What is killed, cut and damaged, a part of it in a few minutes: rows of the bench."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Final

from tests.bench.kills.damaging import damaged_faults, written
from tests.bench.kills.enumerating import faults_of, is_found, states_of_life, states_of_recoveries
from tests.bench.kills.killing import VICTIMS, Trial
from tests.bench.kills.planted import FAULTS
from tests.bench.row import Row

KILLS: Final = 30
KILLS_S: Final = 60.0
DAMAGES: Final = 100
EVERY: Final = 4
RECOVERIES: Final = 60


def measure(home: Path) -> list[Row]:
    """The rows."""
    return [_kills(home), _instants(home), _planted(home), _damages(home)]


def _kills(home: Path) -> Row:
    began, hit, faults = time.monotonic(), 0, 0
    for number in range(KILLS):
        if time.monotonic() - began > KILLS_S:
            break
        victim = VICTIMS[number % len(VICTIMS)]
        place = home / f"kill-{number}"
        place.mkdir()
        trial = Trial(place, victim, random.Random(f"bench {victim} {number}"))
        faults += bool(trial.run())
        hit += trial.hit
    return _row(
        "sessions of which a process was killed at a random moment",
        hit,
        faults,
        "conductor, worker, sampler, roller, finisher and viewer in turn; `python -m tests.bench.kills --times 1000`",
    )


def _instants(home: Path) -> Row:
    states = states_of_life(home)
    chosen = states[::EVERY]
    twice = states_of_recoveries(states, home, random.Random(0), RECOVERIES)
    faults = sum(1 for _ in faults_of([*chosen, *twice], home))
    return _row(
        "states between any two file operations of a session: killed there, or its machine's power lost",
        len(chosen) + len(twice),
        faults,
        f"every fourth of {len(states)}, and {len(twice)} of recoveries that end so too; "
        f"`python -m tests.bench.kills --instants` tries all",
    )


def _planted(home: Path) -> Row:
    found = sum(is_found(fault, home) for fault in FAULTS)
    return Row(
        what="faults in the order of file operations, put in on purpose, that this finds",
        measured=f"{found} of {len(FAULTS)}",
        floor="all",
        reached=found == len(FAULTS),
        how="a segment removed too early, a part without its facts, names or journal not synced …",
    )


def _damages(home: Path) -> Row:
    whole = written(home)
    faults = sum(bool(damaged_faults(whole, home, random.Random(number))) for number in range(DAMAGES))
    return _row("journals cut, or with a bit turned over, at a random place", DAMAGES, faults, "segments and journal")


def _row(what: str, tried: int, faults: int, how: str) -> Row:
    return Row(
        what=what,
        measured=f"{tried} tried, {faults} did not hold",
        floor="all that was acknowledged is there, once, and the session opens",
        reached=tried > 0 and not faults,
        how=how,
    )
