"""Where the steady state of a run begins, found in its step times.

The rule follows Barrett et al. 2017, "Virtual Machine Warmup Blows Hot and Cold" (Proceedings of the ACM on Programming
Languages 1, OOPSLA, article 52): change points of mean and variance with a penalty of 15 · log n divide the series; the
last stretch is the steady state, with those before it whose mean equals its own within TOLERANCE or its standard
deviation. Where it is not longer than a quarter of the series, there was no steady state.

Three things are added. Instead of leaving outliers out beforehand, the series is one of medians: of at most BINS bins,
and of some steps each where there are enough of them. A short stretch between two that are equal, as when another
process wakes, is an interruption of the steady state and not its beginning. And a series that drifts to its end is not
steady, though stairs can be laid along it: where a line through its last stretches, with the penalty of one change, is
cheaper than they are and rises or falls by more than TOLERANCE.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from app.analysis.statistics.change_points import FLOOR, SHORTEST, change_points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LEAST: Final = 30
"""Steps; of fewer nothing is said."""
BINS: Final = 1_000
MEDIANS: Final = 5, 100
"""Steps whose median one outlier does not move; bins that there must be before steps are put together."""
PENALTY: Final = 15.0
TOLERANCE: Final = 0.01
SHORT: Final = 0.05
"""Part of the series that an interruption takes at most."""
LATEST: Final = 0.75
"""Part of the series: a steady state that begins later is none."""


@dataclass(frozen=True)
class Found:
    """What a series of step times shows."""

    first: int
    """The step with which the last level, or a drift to the end, begins, counted from 0."""
    late: bool = False
    """It begins so late that it is no steady state."""
    drift: float | None = None
    """By how much the series rises from there to its end, a part of its mean; negative: it falls. None: it settled."""

    @property
    def reached(self) -> bool:
        """Whether there was a steady state."""
        return not self.late and self.drift is None


class Medians:
    """Medians of neighbouring steps, which are given in order and in pieces of any length."""

    def __init__(self, count: int) -> None:
        """`count`: of all steps."""
        some, bins = MEDIANS
        self.count = count
        self.each = max(math.ceil(count / BINS), min(some, count // bins), 1)
        """Steps in a bin; those left over at the end are in none."""
        self.found: list[Any] = []
        self._left: list[Any] = []

    def add(self, steps: Any) -> None:
        """The next ones."""
        import numpy as np

        self._left.append(steps)
        held = sum(map(len, self._left))
        if held < self.each:
            return
        every = np.concatenate(self._left)
        whole, middle = held // self.each * self.each, (self.each - 1) // 2
        bins = every[:whole].reshape(-1, self.each)
        bins.partition(middle, axis=1)
        self.found.append(bins[:, middle].copy())
        self._left = [every[whole:]]


def steady_state(durations: ArrayLike) -> Found | None:
    """Of step times in order, in any unit; None of so few that nothing can be said. 10 million take 0.2 s."""
    import numpy as np

    steps = np.asarray(durations)
    medians = Medians(len(steps))
    medians.add(steps)
    return steady_medians(medians)


def steady_medians(of: Medians) -> Found | None:
    """The same of medians of bins."""
    import numpy as np

    if of.count < LEAST:
        return None
    medians, each = np.concatenate(of.found).astype(float), of.each
    size = float(np.median(medians))
    if not (math.isfinite(size) and size > 0):
        return None
    series = medians / size
    penalty = PENALTY * math.log(len(series))
    bounds = [0, *change_points(series, penalty), len(series)]
    drifting = _drift(series, bounds, penalty)
    if drifting is not None:
        return Found(first=drifting[0] * each, drift=drifting[1])
    begin = _last_level(series, bounds)
    return Found(first=begin * each, late=begin > LATEST * len(series))


def _last_level(series: Any, bounds: Sequence[int]) -> int:
    """The bin with which the last level begins. `bounds`: of the stretches, from 0 to the length."""
    last = series[bounds[-2] :]
    mean = float(last.mean())
    near = max(TOLERANCE * mean, float(last.std()))
    begin = bounds[-2]
    for start, end in reversed([*pairwise(bounds)][:-1]):
        if begin - end > max(SHORT * len(series), SHORTEST):
            break
        if abs(float(series[start:end].mean()) - mean) <= near:
            begin = start
    return begin


def _drift(series: Any, bounds: Sequence[int], penalty: float) -> tuple[int, float] | None:
    """The bin from which the series drifts to its end, and by how much; None where it does not."""
    stairs, found, most = -penalty, None, 0.0
    for start, end in reversed([*pairwise(bounds)]):
        stairs += _cost(series[start:end]) + penalty
        line, rise = _line(series[start:])
        saved = stairs - (_cost(line) + penalty)
        if saved > most and abs(rise) > TOLERANCE:
            found, most = (start, rise), saved
    return found


def _cost(stretch: Any) -> float:
    """As in `change_points`: −2 × the log-likelihood, but for what is the same in every division."""
    return len(stretch) * math.log(float(stretch.var()) + FLOOR)


def _line(stretch: Any) -> tuple[Any, float]:
    """What a line through a stretch leaves of it, and by how much it rises, a part of the mean."""
    import numpy as np

    place = np.arange(len(stretch)) - (len(stretch) - 1) / 2
    slope = float((place * stretch).sum() / (place**2).sum())
    return stretch - slope * place, slope * (len(stretch) - 1) / float(stretch.mean())
