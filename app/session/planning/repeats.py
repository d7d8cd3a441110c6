"""Repeats: how often everything is measured, and in which order, so that drift hits all variants alike.

A session is a number of rounds. Each holds every variant once, in an order that the seed shuffles: A B, B A, B A …
The machine that grows warm, or is shared with somebody for a while, then does not favour the one that came first.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from app.session.planning.plan import PlannedRun
from app.session.planning.request import RunRequest
from app.text.percent import fraction

MAX_REPEATS = 20
"""Of `--until`, unless the user says otherwise."""
FEWEST = 3
"""Repeats before `--until` is judged: two lie near each other by chance too often, and have no bootstrap interval."""
MOST_RUNS = 2_000
"""Of a session."""


def rounds_of(request: RunRequest) -> int:
    """How many rounds are planned; with `--until`, how many there may be. Raises ValueError."""
    if request.until is None:
        if request.max_repeats is not None:
            raise ValueError(f"--max-repeats {request.max_repeats}: it is for --until, which is not given")
        repeats = 1 if request.repeats is None else request.repeats
        if not 1 <= repeats <= MOST_RUNS:
            raise ValueError(f"--repeats {repeats}: give 1 to {MOST_RUNS:,}")
        return repeats
    if request.repeats is not None:
        raise ValueError(
            f"--repeats {request.repeats} and --until {request.until}: give one; --max-repeats ends --until"
        )
    most = MAX_REPEATS if request.max_repeats is None else request.max_repeats
    if not FEWEST <= most <= MOST_RUNS:
        raise ValueError(f"--max-repeats {most}: give {FEWEST} to {MOST_RUNS:,}; fewer cannot be judged")
    return most


def until_of(request: RunRequest) -> float | None:
    """`1%` → 0.01. Raises ValueError."""
    if request.until is None:
        return None
    share = fraction(request.until)
    if share is None or not 0.0001 <= share <= 0.5:
        raise ValueError(f"--until {request.until}: give the half-width of the interval, 0.01% to 50%, such as 1%")
    return share


def in_rounds(runs: Sequence[PlannedRun], rounds: int, seed: int) -> tuple[PlannedRun, ...]:
    """The runs of one round → those of all rounds, numbered, each with its variant, its repeat and whose weights it
    serves. One round alone stays in the order in which it was typed. Raises ValueError for too many.
    """
    if len(runs) * rounds > MOST_RUNS:
        raise ValueError(f"these are {len(runs) * rounds:,} runs; a session has at most {MOST_RUNS:,}")
    variants = _with_weights(_numbered(runs))
    dice = random.Random(seed)
    ordered = [run for _ in range(rounds) for run in (_shuffled(variants, dice) if rounds > 1 else variants)]
    times: dict[int, int] = {}
    planned = []
    for number, run in enumerate(ordered, start=1):
        times[run.variant] = times.get(run.variant, 0) + 1
        planned.append(replace(run, run=number, repeat=times[run.variant]))
    return tuple(planned)


def _numbered(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Each with its variant. What was asked for twice is one variant: its runs repeat each other."""
    known: list[PlannedRun] = []
    numbered = []
    for run in runs:
        if run not in known:
            known.append(run)
        numbered.append(replace(run, variant=known.index(run) + 1))
    return numbered


def _with_weights(runs: Sequence[PlannedRun]) -> list[PlannedRun]:
    """Each with the variant whose weights it serves."""
    return [replace(run, weights_of=_weights_of(run, runs[:place])) for place, run in enumerate(runs)]


def _weights_of(run: PlannedRun, before: Sequence[PlannedRun]) -> int:
    """The last training of its model before it, of those that have the same values of what was swept for both."""
    side, _, model = run.workload.partition("/")
    if side != "infer" or run.parameters.get("weights"):
        return 0
    trained = [other for other in before if other.workload == f"train/{model}"]
    alike = [
        other
        for other in trained
        if all(other.parameters[name] == value for name, value in run.parameters.items() if name in other.parameters)
    ]
    return (alike or trained)[-1].variant if trained else 0


def _shuffled(runs: Sequence[PlannedRun], dice: random.Random) -> list[PlannedRun]:
    """One round in another order, in which weights are made before they are served."""
    order = list(runs)
    dice.shuffle(order)
    places = {run.variant: place for place, run in enumerate(order)}
    keys = {place: max(place, places.get(run.weights_of, -1) + 0.5) for place, run in enumerate(order)}
    return [order[place] for place in sorted(keys, key=keys.__getitem__)]
