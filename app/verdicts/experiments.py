"""Experiments: blocks of steps with the plain and the changed setting → how much faster, with an interval."""

from __future__ import annotations

import math
import statistics
from typing import Final

from app.text.experiments import setting_text
from app.text.numbers import counted
from app.verdicts.gathering.sums import same_length
from workloads.entries.experiments import PLAIN
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import ANSWERED, Effect, Phase, Requests, Steps

FEWEST: Final = 3
"""Pairs of blocks that an interval rests on: of two it is wider than anything that is measured here."""

SETTLING: Final = 5
"""A block of so many steps and more counts from its second on: the device may still have work of the block before."""

MOST_BLOCKS: Final = 1_000
CONFIDENCE: Final = 0.95

T_975: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t at 0.975 for 1, 2 … 30 degrees of freedom: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2."""


def t_975(freedom: int) -> float:
    """Student's t at 0.975. Beyond 30 by the Cornish-Fisher expansion in 1/ν (Abramowitz and Stegun, 26.7.5)."""
    if freedom <= len(T_975):
        return T_975[freedom - 1]
    z = statistics.NormalDist().inv_cdf(0.975)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def ratio_interval(changed: list[float], plain: list[float]) -> tuple[float, float | None, float | None]:
    """Rates of blocks in pairs → the ratio changed ÷ plain, and its 95 % interval; None of fewer than three pairs.

    The logarithms of the pairs' ratios are taken for normal, and their mean has a t-interval: the paired comparison of
    Box, Hunter and Hunter (Statistics for Experimenters, 2005, chapter 3). What drifts slowly is the same in both of a
    pair.
    """
    logs = [math.log(one / other) for one, other in zip(changed, plain, strict=True)]
    mean = statistics.fmean(logs)
    if len(logs) < FEWEST:
        return math.exp(mean), None, None
    half = t_975(len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


class _Block:
    """One stretch of one setting."""

    def __init__(self, began_ns: int) -> None:
        self.began_ns = began_ns
        self._units = self._wall_ns = self._count = 0
        self._first: tuple[int, int] | None = None
        self._requests = 0

    def add_steps(self, frame: Steps) -> None:
        """Steps of the first rank. Raises ValueError."""
        walls, samples = unpack_integers(frame.wall_ns), unpack_integers(frame.samples)
        same_length(len(walls), (frame.samples,))
        if walls and self._first is None:
            self._first = (walls[0], samples[0])
        self._units += sum(samples)
        self._wall_ns += sum(walls)
        self._count += len(walls)

    def add_requests(self, frame: Requests) -> None:
        """Answers of any rank. Raises ValueError."""
        outcomes = unpack_integers(frame.outcome)
        same_length(len(outcomes), (frame.samples,))
        pairs = zip(unpack_integers(frame.samples), outcomes, strict=True)
        self._requests += sum(samples for samples, outcome in pairs if outcome == ANSWERED)

    def rate(self, ended_ns: int) -> float | None:
        """Units a second; None where there was no work."""
        units, wall_ns = self._units, self._wall_ns
        if self._count >= SETTLING and self._first is not None:
            units, wall_ns = units - self._first[1], wall_ns - self._first[0]
        if not self._count:
            units, wall_ns = self._requests, ended_ns - self.began_ns
        return units * 1e9 / wall_ns if units > 0 and wall_ns > 0 else None


class Experiments:
    """Of one run: one experiment at a time."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._name = ""
        self._setting = ""
        self._case: str | None = None
        self._block: _Block | None = None
        self._rates: dict[str, list[float]] = {}
        self._told = 0

    def take_phase(self, frame: Phase) -> Effect | None:
        """A phase of the run begins → what the experiment has shown, where that is new."""
        self._close(frame.at_ns)
        if frame.phase != "experiment":
            return self.end(frame.at_ns)
        said = None
        case = frame.case
        if case is not None and case != PLAIN:
            if self._name and case != self._name:
                said = self.end(frame.at_ns)
            self._name = case
            self._setting = frame.mark or setting_text(case)
        if case is not None:  # else something is made ready, or settles
            self._case, self._block = case, _Block(frame.at_ns)
        pairs = self._pairs()
        if said is None and pairs > self._told:
            self._told = pairs
            said = self._effect(frame.at_ns, over=False)
        return said

    def take_samples(self, frame: Steps | Requests) -> None:
        """Samples of the block that goes on. Raises ValueError for columns that are not sound."""
        if self._block is None:
            return
        if isinstance(frame, Requests):
            self._block.add_requests(frame)
        elif not frame.rank and not frame.passes:
            self._block.add_steps(frame)

    def end(self, at_ns: int) -> Effect | None:
        """The experiment is over, or the run → its last word, where there was one."""
        self._close(at_ns)
        if not self._name:
            self._rates, self._told = {}, 0
            return None
        effect = self._effect(at_ns, over=True)
        self._name, self._setting, self._rates, self._told = "", "", {}, 0
        return effect

    def _close(self, at_ns: int) -> None:
        """The block that goes on is over."""
        if self._block is None or self._case is None:
            return
        rate = self._block.rate(at_ns)
        rates = self._rates.setdefault(self._case, [])
        if rate is not None and len(rates) < MOST_BLOCKS:
            rates.append(rate)
        self._block = self._case = None

    def _pairs(self) -> int:
        return min(len(self._rates.get(PLAIN, ())), len(self._rates.get(self._name, ()))) if self._name else 0

    def _effect(self, at_ns: int, *, over: bool) -> Effect:
        plain, changed = self._rates.get(PLAIN, []), self._rates.get(self._name, [])
        pairs = self._pairs()
        ratio, low, high = ratio_interval(changed[:pairs], plain[:pairs]) if pairs else (None, None, None)
        few = over and pairs < FEWEST
        pairs_text = f"{counted(pairs, 'pair')} of blocks"
        return Effect(
            run=self._run,
            at_ns=at_ns,
            experiment=self._name,
            setting=self._setting,
            plain=len(plain),
            changed=len(changed),
            ratio=ratio,
            low=low,
            high=high,
            confidence=CONFIDENCE,
            over=over,
            reason=f"ended after {pairs_text}; an interval needs {FEWEST}" if few else "",
        )
