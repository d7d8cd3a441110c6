"""How often a comparison is wrong: simulated comparisons whose truth is known, with the noise of real repeats.

Sides are drawn from the repeats of one real session by the smoothed bootstrap (Silverman and Young 1987), which keeps
their mean, spread and shape: ten values drawn as they are would tie with each other, which real runs never do.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

from app.analysis.compare.verdicts import verdict_of
from app.analysis.statistics.intervals import ratio_interval
from app.session.results.comparison import Verdict
from tests.bench.row import Row

REPEATS = 10
COMPARISONS = 1_000
"""Of so many, chance alone moves a rate of 5 % by no more than 0.7."""
DIFFERENCE = 0.03
MOST_WRONG, LEAST_FOUND = 0.06, 0.80


def measure(home: Path) -> list[Row]:
    """A against A, and a true difference: each side is drawn from what the repeats of one real session were."""
    rates = _repeats(home)
    noise = statistics.stdev(rates) / statistics.fmean(rates)
    chance = random.Random(0)
    wrong = sum(_verdict(rates, chance, 1.0) in ("better", "worse") for _ in range(COMPARISONS)) / COMPARISONS
    found = sum(_verdict(rates, chance, 1 + DIFFERENCE) == "better" for _ in range(COMPARISONS)) / COMPARISONS
    how = f"{COMPARISONS:,} comparisons of {REPEATS} repeats a side; noise {100 * noise:.1f} %, of real repeats"
    return [
        Row("A against A called different", f"{100 * wrong:.1f} %", "≤ 6 %", wrong <= MOST_WRONG, how),
        Row("a true difference of 3 % found", f"{100 * found:.1f} %", "≥ 80 %", found >= LEAST_FOUND, how),
    ]


def _repeats(home: Path) -> list[float]:
    """Samples a second of the repeats of a small training run."""
    command = (sys.executable, "-m", "app", "run", "train/digits", "--repeats", str(REPEATS), "--steps", "300")
    options = ("--set", "threads=1", "--name", "noise", "--json")
    environment = {**os.environ, "BENCHTOP_HOME": str(home / "noise")}
    done = subprocess.run((*command, *options), env=environment, stdout=subprocess.PIPE, check=True)
    return [float(run["samples_per_s"]) for run in json.loads(done.stdout)["runs"]]


def _verdict(rates: list[float], chance: random.Random, by: float) -> Verdict:
    sides = [[_drawn(rates, chance) * factor for _ in range(REPEATS)] for factor in (1.0, by)]
    return verdict_of(ratio_interval(*sides), higher_is_better=True, within=0.01)


def _drawn(rates: list[float], chance: random.Random) -> float:
    """One of the rates, moved by a normal kernel of Silverman's width and drawn in, so that the spread stays."""
    mean, spread = statistics.fmean(rates), statistics.stdev(rates)
    width = 1.06 * spread * len(rates) ** -0.2
    return mean + (chance.choice(rates) - mean + chance.gauss(0, width)) / math.hypot(1, width / spread)
