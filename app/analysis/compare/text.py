"""A comparison as text: what differs, verdicts, distributions over each other, parts and gauges side by side."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from app.session.plain import plain
from app.session.results.comparison import Comparison, Difference, Distribution, MetricComparison, Pair, Standing
from app.text.compared import change_text, metric_cells
from app.text.gauges import gauge_text
from app.text.numbers import counted, milliseconds, percent
from app.text.overlay import merged, row
from workloads.wire.gauges import GAUGES

NONE: Final = "–"
SHOWN: Final = 12
"""Differences of one standing and group that are shown one by one; `--json` has all."""
BEFORE: Final = 12
"""Characters of what two long values have in common that are told before what differs."""
LONGEST: Final = 34
"""Characters of a value that differs."""

LONGEST_AXIS: Final = 120
"""Blocks of a distribution."""

HEADS: Final[dict[Standing, str]] = {
    "meant": "under test",
    "not meant": "NOT COMPARABLE: differs, and was not meant to",
    "accepted": "differs, accepted",
    "not known": "not known on both sides",
}


def comparison_text(comparison: Comparison, width: int) -> str:
    """All of it, in lines of at most `width` columns, 60 at least."""
    width = max(width, 60)
    lines = [line for side in comparison.sides for line in _side(side.label, side.session, side.variant, side.began_ns)]
    for caution in comparison.cautions:
        lines += ["", *textwrap.wrap(f"{caution.message}; {caution.remedy}", width)]
    for pair in comparison.pairs:
        lines += ["", *_pair(pair, comparison.within, width)]
    for alone in comparison.alone:
        lines += ["", alone]
    for what, told in (("failed", comparison.failed), ("not decided", comparison.undecided)):
        lines += [wrapped for text in told for wrapped in textwrap.wrap(f"{what}: {text}", width)]
    return "\n".join(plain(line).rstrip() for line in lines)


def _side(label: str, session: str, variant: int, began_ns: int) -> Iterator[str]:
    began = dt.datetime.fromtimestamp(began_ns / 1e9)
    yield f"{label}  {session}" + (f"#{variant}" if variant else "") + f"  {began:%Y-%m-%d %H:%M}"


def _pair(pair: Pair, within: float, width: int) -> Iterator[str]:
    runs = (counted(pair.base_runs, "run"), counted(pair.other_runs, "run"))
    yield f"{pair.other_label} {pair.other_title} ({runs[1]}) against {pair.base_label} {pair.base_title} ({runs[0]})"
    yield from differences_lines(pair, width)
    yield ""
    yield from metric_lines(pair, within, width)
    if pair.distribution is not None:
        yield ""
        yield from distribution_lines(pair.distribution, (pair.base_label, pair.other_label), width)
    if pair.parts:
        yield ""
        yield from part_lines(pair)
    if pair.gauges:
        yield ""
        yield from gauge_lines(pair)


def differences_lines(pair: Pair, width: int) -> Iterator[str]:
    """What differs, by what it means; many of one kind are counted."""
    if not pair.differences:
        yield "  nothing that is known differs"
    for standing, head in HEADS.items():
        found = [difference for difference in pair.differences if difference.standing == standing]
        if not found:
            continue
        if standing == "not known":
            yield from textwrap.wrap(
                f"  {head}: " + ", ".join(difference.name for difference in found), width, subsequent_indent="    "
            )
            continue
        yield f"  {head}"
        shown = _fewer(found)
        names = max(len(difference.name) for difference in shown)
        for difference in shown:
            values = _values(difference.base, difference.other)
            line = f"    {difference.name:<{names}}  {values}"
            effect = f"({difference.effect})"
            if len(line) + 2 + len(effect) <= width:
                yield f"{line}  {effect}"
            else:
                yield line[:width]
                yield from textwrap.wrap(effect, width, initial_indent=" " * 8, subsequent_indent=" " * 8)
        left = len(found) - len(shown)
        if left:
            yield f"    and {left} packages more; --json has them all"


def _fewer(found: Sequence[Difference]) -> list[Difference]:
    packages = [difference for difference in found if difference.group == "packages"]
    return [d for d in found if d.group != "packages"] + packages[:SHOWN]


def _values(base: str | None, other: str | None) -> str:
    """Both; of long ones, such as command lines, from shortly before the place at which they part."""
    texts = [NONE if text is None else text for text in (base, other)]
    parts_at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
    begin = max(0, parts_at - BEFORE) if max(map(len, texts)) > LONGEST else 0
    return " → ".join(_cut(f"…{text[begin:]}" if begin else text) for text in texts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def metric_lines(pair: Pair, within: float, width: int) -> Iterator[str]:
    """A table: metric, mean of both, change with its interval, verdict."""
    if not pair.metrics:
        yield "  no metric that both have"
        return
    # The quantiles of the distribution below are of all runs together, and differ from means of each run's.
    head = "means over runs" if max(pair.base_runs, pair.other_runs) > 1 else ""
    rows: list[tuple[str, ...]] = [(head, pair.base_label, pair.other_label, "change", "95 % interval", "")]
    rows += [(*metric_cells(metric), verdict_text(metric, within)) for metric in pair.metrics]
    wide = [max(len(row[column]) for row in rows) for column in range(5)]
    for cells in rows:
        name = f"  {cells[0]:<{wide[0]}}"
        yield name + "".join(f"  {cell:>{wide[column]}}" for column, cell in enumerate(cells[1:5], 1)) + f"  {cells[5]}"
    for why in dict.fromkeys(metric.why for metric in pair.metrics if metric.why):
        yield from textwrap.wrap(f"  cannot tell: {why}", width, subsequent_indent="    ")


def verdict_text(metric: MetricComparison, within: float) -> str:
    """`better`, `same within 1.0 %` …"""
    return f"same within {percent(100 * within)}" if metric.verdict == "same" else metric.verdict


def distribution_lines(told: Distribution, labels: tuple[str, str], width: int) -> Iterator[str]:
    """Both as rows of blocks on one axis, and three quantiles."""
    edge = max(map(len, labels))
    across = min(width - edge - 4, LONGEST_AXIS)
    shares = [merged(of, across) for of in (told.base, told.other)]
    largest = max(max(of) for of in shares) or 1.0
    yield f"  {told.kind}, every one of all runs" + ("; the axis is logarithmic" if told.log else "")
    for label, of in zip(labels, shares, strict=True):
        yield f"  {label:<{edge}}  {row(of, largest)}"
    low, high = milliseconds(told.low_ms), milliseconds(told.high_ms)
    yield f"  {'':<{edge}}  {low}{high:>{max(across - len(low), len(high) + 1)}}"
    yield "  " + "   ".join(
        f"p{100 * share:g} {milliseconds(base)} → {milliseconds(other)} ({change_text(other / base if base else None)})"
        for share, base, other in told.quantiles
    )


def part_lines(pair: Pair) -> Iterator[str]:
    """The mean step, part by part."""
    parts = ((part.name, _ms(part.base_ms), _ms(part.other_ms), change_text(part.ratio)) for part in pair.parts)
    yield from _table([("mean step", pair.base_label, pair.other_label, "change"), *parts])


def gauge_lines(pair: Pair) -> Iterator[str]:
    """Means of gauges, device by device."""
    rows: list[tuple[str, ...]] = [("mean of gauges", pair.base_label, pair.other_label, "change")]
    for gauge in pair.telling_gauges:
        values = [NONE if value is None else gauge_text(gauge.name, value) for value in (gauge.base, gauge.other)]
        rows.append((f"{gauge.device} {GAUGES[gauge.name].label}", *values, change_text(gauge.ratio)))
    yield from _table(rows)


def _ms(value: float | None) -> str:
    return NONE if value is None else milliseconds(value)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *cells in rows:
        yield f"  {name:<{wide[0]}}" + "".join(f"  {cell:>{wide[place]}}" for place, cell in enumerate(cells, 1))
