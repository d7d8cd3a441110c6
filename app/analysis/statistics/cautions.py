"""What the repeats of one configuration warn of, each with its cause and its remedy.

| kind | rule | source |
|---|---|---|
| too-few-repeats | fewer than 5 | – |
| two-modes | Hartigan's dip exceeds that of 95 % of uniform samples, from 6 on | see `dip` |
| drift | Mann–Kendall: Kendall's τ of the values over their order, p < 0.05, from 6 on | Mann 1945; Kendall 1975 |
| outlier | modified z-score 0.6745 · (value − median) / MAD above 3.5, from 6 on | Iglewicz and Hoaglin 1993 |
| interval-too-wide | its half-width is a larger part of the value than what was asked for | – |

The MAD of few values is too small: it is multiplied as Croux and Rousseeuw do (1992, "Time-efficient algorithms for two
highly robust estimators of scale"); still one of ten sets of normal values has an outlier by that rule, so it is a
reason to look, not to leave a value out. A drift or an outlier of less than SMALL is not worth a word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import Final

from app.analysis.statistics.dip import has_two_modes
from app.session.results.caution import Caution
from app.session.results.interval import Interval
from app.text.numbers import percent, significant

ENOUGH: Final = 5
"""Repeats."""
SEVERAL: Final = 6
"""Repeats from which on their order, and how far one is from the others, can say something."""
UNLIKELY: Final = 0.05
FAR: Final = 3.5
SMALL: Final = 0.005
"""Part of the median."""
_MAD_OF_FEW: Final = {6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}


def cautions_of(
    values_by_repeat: Sequence[float | None],
    *,
    label: str = "the value",
    interval: Interval | None = None,
    sought: float | None = None,
    variant: int | None = None,
) -> tuple[Caution, ...]:
    """Of the repeats in the order in which they were run; None where one has no value, and is passed over.

    label: what they are values of, as `throughput`. interval: what they came to. sought: the half-width that it was to
    reach, a part of its value.
    """
    numbered = [
        (repeat, value)
        for repeat, value in enumerate(values_by_repeat, 1)
        if value is not None and math.isfinite(value)
    ]
    values = [value for _, value in numbered]
    found = [_too_few(values), _two_modes(values, label), _drift(values, label)]
    if found[1] is None:
        # Of two modes the smaller one is no outlier.
        found += [_outlier(repeat, value, values, label) for repeat, value in numbered]
    if interval is not None and sought is not None:
        found.append(too_wide(interval, sought))
    return tuple(_of(caution, variant) for caution in found if caution is not None)


def too_wide(interval: Interval, sought: float, what: str = "that was asked for") -> Caution | None:
    """Where the half-width of an interval is larger than `sought`, a part of its value; `what` that is."""
    width = interval.half_width
    if width is None or width <= sought or not sought:
        return None
    # The width goes with 1 / √n.
    more = math.ceil(interval.count * ((width / sought) ** 2 - 1))
    return Caution(
        kind="interval-too-wide",
        message=f"the interval is ±{_part(width)}, wider than the {_part(sought)} {what}",
        remedy=f"about {more:,} repeats more, or longer runs",
    )


def _too_few(values: Sequence[float]) -> Caution | None:
    if not 0 < len(values) < ENOUGH:
        return None
    more = ENOUGH - len(values)
    repeats = "one repeat says" if len(values) == 1 else f"{len(values)} repeats say"
    return Caution(
        kind="too-few-repeats",
        message=f"{repeats} little of how results spread",
        remedy=f"{more} more: --repeats {ENOUGH} or --until",
    )


def _two_modes(values: Sequence[float], label: str) -> Caution | None:
    if not has_two_modes(values):
        return None
    in_order = sorted(values)
    split = max(range(1, len(in_order)), key=lambda place: in_order[place] - in_order[place - 1])
    low, high = in_order[:split], in_order[split:]
    return Caution(
        kind="two-modes",
        message=f"{label} has two modes: {significant(median(low))} in {len(low)} repeats, "
        f"{significant(median(high))} in {len(high)}; their mean is neither",
        remedy="find what differs between the two: clocks, placement on cores, another process",
    )


def _drift(values: Sequence[float], label: str) -> Caution | None:
    if len(values) < SEVERAL or len({*values}) == 1:
        return None
    from scipy.stats import kendalltau

    if float(kendalltau(range(len(values)), values).pvalue) >= UNLIKELY:
        return None
    # Theil and Sen: the median of the slopes between all pairs.
    slopes = [
        (later - earlier) / (j - i) for i, earlier in enumerate(values) for j, later in enumerate(values) if j > i
    ]
    middle = median(values)
    whole = median(slopes) * (len(values) - 1)
    if not middle or abs(whole / middle) < SMALL:
        return None
    return Caution(
        kind="drift",
        message=f"{label} {'rises' if whole > 0 else 'falls'} by {_part(abs(whole / middle))} from the first repeat to "
        "the last",
        remedy="let the machine come to its temperature first, or warm up for longer",
    )


def _outlier(repeat: int, value: float, values: Sequence[float], label: str) -> Caution | None:
    n = len(values)
    if n < SEVERAL:
        return None
    middle = median(values)
    distances = [abs(each - middle) for each in values]
    # Where more than half are equal their MAD is nothing: the mean distance, × 1.2533 as normal, takes its place.
    spread = _MAD_OF_FEW.get(n, n / (n - 0.8)) * median(distances) / 0.6745 or 1.2533 * fmean(distances)
    away = value - middle
    if not middle or not spread or abs(away) / spread <= FAR or abs(away / middle) < SMALL:
        return None
    return Caution(
        kind="outlier",
        message=f"repeat {repeat} is an outlier: {label} is {significant(value)}, {_part(abs(away / middle))} "
        f"{'above' if away > 0 else 'below'} the median",
        remedy="see what was different on the machine then; the median is not moved by it, the mean is",
    )


def _of(caution: Caution, variant: int | None) -> Caution:
    return Caution(kind=caution.kind, message=caution.message, remedy=caution.remedy, variant=variant)


def _part(part: float) -> str:
    """As percent, with a digit more where it is small."""
    return percent(100 * part) if part >= 0.01 else f"{significant(100 * part)} %"
