"""`python -m tests.bench.kills --times 1000`: kill so many times, damage as many journals, and say what became of them.

Each trial is a session of its own: a process of it is killed at a random moment, or its journal is damaged at a random
place. What a reader had seen must be there afterwards, each step once; nothing else may be missing; a damaged place
must be named; no process may live on; the session must open. `--only VICTIM:NUMBER` tries one again.

`--instants` tries every state between two file operations instead, also of recoveries that end so, and that faults
which are put in on purpose are found.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.bench.kills.damaging import damaged_faults, written
from tests.bench.kills.enumerating import faults_of, is_found, states_of_life, states_of_recoveries
from tests.bench.kills.killing import VICTIMS, Trial
from tests.bench.kills.planted import FAULTS


def main() -> int:
    """Try them → 0 where all held."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kills")
    parser.add_argument("--times", type=int, default=1000, help="kills, and as many damaged journals")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, help="no trial begins after so long")
    parser.add_argument("--only", metavar="VICTIM:NUMBER")
    parser.add_argument("--instants", action="store_true")
    given = parser.parse_args()
    if given.instants:
        return _instants(given.seed)
    began = time.monotonic()
    bad = 0
    counts: collections.Counter[str] = collections.Counter()
    trials = [(VICTIMS[number % len(VICTIMS)], number) for number in range(given.times)]
    if given.only:
        victim, _, number = given.only.partition(":")
        trials = [(victim, int(number))]
    for victim, number in trials:
        if given.seconds and time.monotonic() - began > given.seconds:
            break
        with tempfile.TemporaryDirectory() as home:
            trial = Trial(Path(home), victim, random.Random(f"{given.seed} {victim} {number}"))
            try:
                faults = trial.run()
            except Exception:  # noqa: BLE001 - whatever it is, it did not hold
                faults = traceback.format_exc().strip().splitlines()[-3:]
        counts[victim if trial.hit else f"{victim} (not there)"] += 1
        bad += bool(faults)
        for fault in faults:
            print(f"{victim}:{number}: {fault}", flush=True)
    print(f"killed: {dict(counts)} in {time.monotonic() - began:.0f} s; {bad} did not hold", flush=True)
    if not given.only:
        bad += _damaged(given.times, given.seed)
    return int(bool(bad))


def _instants(seed: int) -> int:
    began, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        states = states_of_life(home)
        twice = states_of_recoveries(states, home, random.Random(seed), len(states))
        for fault in faults_of([*states, *twice], home):
            bad += 1
            print(fault, flush=True)
        for fault in FAULTS:
            if not is_found(fault, home):
                bad += 1
                print(f"not found: {fault}", flush=True)
    took = time.monotonic() - began
    print(f"states: {len(states)}, of recoveries {len(twice)}, in {took:.0f} s; {bad} did not hold", flush=True)
    return int(bool(bad))


def _damaged(times: int, seed: int) -> int:
    began, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as home:
        whole = written(Path(home))
        for number in range(times):
            faults = damaged_faults(whole, Path(home), random.Random(f"{seed} damage {number}"))
            bad += bool(faults)
            for fault in faults:
                print(f"damage {number}: {fault}", flush=True)
    print(f"damaged: {times} in {time.monotonic() - began:.0f} s; {bad} did not hold", flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(main())
