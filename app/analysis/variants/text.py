"""Variants as a table, one a row, and their repeats in a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.analysis.judging.told_cautions import told_cautions
from app.analysis.summary.metrics import BY_NAME
from app.analysis.summary.report import RunSummary, Summary
from app.analysis.variants.report import VariantSummary
from app.session.results.interval import Interval
from app.session.results.metrics import QUALITY
from app.text.metrics import half_width_text, metric_text
from app.text.numbers import percent

NONE = "–"


def variant_lines(variants: Sequence[VariantSummary], width: int) -> list[str]:
    """`train/digits batch=16  throughput 19,818 samples/s  ±1.20 %  5  19,580 to 20,060 samples/s`, under titles.

    All lines are of one width; the last columns are left out where that is too little.
    """
    results = _results(variants)
    rows = [["variant", "mean", "", "repeats", *results, "95 % interval"]]
    rows += [_row(variant, results) for variant in variants]
    return table_lines(rows, width)


def variant_cautions(variants: Sequence[VariantSummary]) -> Iterator[tuple[str, str]]:
    """Message and remedy of each, said of which variants."""
    for who, caution in told_cautions(variants):
        yield f"{who}: {caution.message}", caution.remedy


def repeat_lines(summary: Summary, width: int) -> list[str]:
    """Every run in a line: its headline, and how far it lies from the mean of its variant, of which it is not all."""
    by_run = {repeat.run: (variant, repeat) for variant in summary.variants for repeat in variant.repeats}
    rows = []
    needless: dict[str, int] = {}
    for run in summary.runs:
        variant, repeat = by_run.get(run.run, (None, None))
        if run.outcome == "skipped" and run.reason:
            needless[run.reason] = needless.get(run.reason, 0) + 1
            continue
        value = repeat.value if repeat is not None else None
        mean = variant.mean.value if variant is not None and variant.mean is not None else None
        counted = variant.done if variant is not None else 0
        rows.append(
            [
                f"{run.run:>3}  {run.title or run.workload}",
                metric_text(value, variant.unit) if value is not None and variant is not None else NONE,
                f"{100 * (value / mean - 1):+.2f} %" if value is not None and mean and counted > 1 else "",
                _said(run),
            ]
        )
    return [
        *table_lines(rows, width, left=frozenset({0, 3})),
        *(f"{count:>3}  {'runs' if count > 1 else 'run'} skipped: {reason}" for reason, count in needless.items()),
    ]


def repeat_failures(summary: Summary) -> list[tuple[str, str]]:
    """Message and remedy of what went wrong, each once though it may have done so in every repeat."""
    failures = [(run.failure.message, run.failure.remedy) for run in summary.runs if run.failure is not None]
    return list(dict.fromkeys(failures))


def _said(run: RunSummary) -> str:
    """How it went, and what to beware of."""
    return ", ".join((run.outcome, *(caution.kind.replace("-", " ") for caution in run.cautions)))


def _results(variants: Sequence[VariantSummary]) -> list[str]:
    return [BY_NAME[name].label for name in QUALITY if any(_of(variant, name) for variant in variants)]


def _row(variant: VariantSummary, results: Sequence[str]) -> list[str]:
    mean = variant.mean
    if mean is None or mean.value is None:
        return [variant.title, NONE, "", _count(variant), *(NONE for _ in results), NONE]
    return [
        variant.title,
        f"{variant.label} {metric_text(mean.value, variant.unit)}",
        half_width_text(mean.half_width) if mean.half_width is not None else "",
        _count(variant),
        *(_result(variant, label) for label in results),
        _interval(mean, variant.unit),
    ]


def _interval(mean: Interval, unit: str) -> str:
    if mean.low is None or mean.high is None:
        return NONE
    low, _, unit_low = metric_text(mean.low, unit).partition(" ")
    high, _, unit_high = metric_text(mean.high, unit).partition(" ")
    return f"{low} {unit_low if unit_low != unit_high else ''}".rstrip() + f" to {high} {unit_high}".rstrip()


def _count(variant: VariantSummary) -> str:
    return f"{variant.done}" if variant.done == variant.planned else f"{variant.done} of {variant.planned}"


def _of(variant: VariantSummary, name: str) -> Interval | None:
    return next((each.mean for each in variant.metrics if each.name == name), None)


def _result(variant: VariantSummary, label: str) -> str:
    name = next(name for name in QUALITY if BY_NAME[name].label == label)
    found = _of(variant, name)
    if found is None or found.value is None:
        return NONE
    return percent(100 * found.value) if name == "accuracy" else f"{found.value:.3f}"


def table_lines(rows: Sequence[Sequence[str]], width: int, left: frozenset[int] = frozenset({0})) -> list[str]:
    """Columns that stand under each other, two blanks apart; `left` are those that begin there."""
    lines = ["" for _ in rows]
    for number, column in enumerate(zip(*rows, strict=True)):
        longest = max(map(len, column))
        gap = 2 if number else 0
        if len(lines[0]) + gap + longest > width and number:
            if number not in left:
                break
            longest = max(0, width - len(lines[0]) - gap)
        cells = [cell[:longest].ljust(longest) if number in left else cell.rjust(longest) for cell in column]
        lines = [f"{line}{'':<{gap}}{cell}" for line, cell in zip(lines, cells, strict=True)]
    return [line.rstrip() for line in lines]
