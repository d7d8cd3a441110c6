"""Sessions or variants held against each other: verdicts with their intervals, what differs, distributions, gauges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import polars as pl

from app.analysis.compare.text import HEADS, verdict_text
from app.analysis.reporting.blocks import Block, Notice, Paragraph, Section, Table
from app.session.results.comparison import Comparison, Difference, Distribution, Pair
from app.text.compared import change_text, metric_cells
from app.text.gauges import gauge_text
from app.text.numbers import counted, milliseconds
from workloads.wire.gauges import GAUGES

NONE: Final = "–"


def comparison_section(comparison: Comparison, *, drawn: bool) -> Section:
    """All pairs. `drawn`: with charts."""
    blocks: list[Block] = []
    rows = [(side.label, side.session + (f"#{side.variant}" if side.variant else "")) for side in comparison.sides]
    if len(rows) > 1:
        blocks.append(Table(("", "session"), rows, words=frozenset({0, 1})))
    blocks += [
        Notice("warning", caution.kind.replace("-", " "), caution.message, caution.remedy)
        for caution in comparison.cautions
    ]
    blocks += [Paragraph(text) for text in comparison.alone]
    sections = [_pair(pair, comparison.within, drawn=drawn) for pair in comparison.pairs]
    return Section("Comparison", blocks, sections)


def _pair(pair: Pair, within: float, *, drawn: bool) -> Section:
    runs = f"{counted(pair.other_runs, 'run')} against {counted(pair.base_runs, 'run')}"
    title = f"{pair.other_label} {pair.other_title} against {pair.base_label} {pair.base_title}"
    blocks: list[Block] = []
    if pair.metrics:
        blocks.append(_metrics(pair, within))
        if drawn and (changes := _changes(pair)) is not None:
            from app.analysis.reporting.charts import changes_picture  # noqa: PLC0415 - Altair may be missing

            blocks.append(changes_picture(changes, within, "Changes with their 95 % intervals"))
        reasons = dict.fromkeys(metric.why for metric in pair.metrics if metric.why)
        blocks += [Paragraph(f"Cannot tell: {why}.") for why in reasons]
    else:
        blocks.append(Paragraph("There is no metric that both have."))
    blocks += _differences(pair)
    if pair.distribution is not None:
        blocks += _distribution(pair.distribution, (pair.base_label, pair.other_label), drawn=drawn)
    if pair.parts:
        rows = [(part.name, _ms(part.base_ms), _ms(part.other_ms), change_text(part.ratio)) for part in pair.parts]
        blocks.append(Table(("mean step", pair.base_label, pair.other_label, "change"), rows))
    if pair.telling_gauges:
        return Section(
            title, blocks, [Section("Readings side by side", [_gauges(pair)], folded=True, detail=True)], note=runs
        )
    return Section(title, blocks, note=runs)


def _gauges(pair: Pair) -> Table:
    rows = [
        (
            f"{gauge.device} {GAUGES[gauge.name].label}",
            *(NONE if value is None else gauge_text(gauge.name, value) for value in (gauge.base, gauge.other)),
            change_text(gauge.ratio),
        )
        for gauge in pair.telling_gauges
    ]
    return Table(("mean of gauges", pair.base_label, pair.other_label, "change"), rows)


def _metrics(pair: Pair, within: float) -> Table:
    rows = [(*metric_cells(metric), verdict_text(metric, within)) for metric in pair.metrics]
    decided = frozenset(place for place, each in enumerate(pair.metrics) if each.verdict in ("better", "worse"))
    head = ("mean over runs", pair.base_label, pair.other_label, "change", "95 % interval", "verdict")
    return Table(head, rows, words=frozenset({0, 5}), strong=decided)


def _changes(pair: Pair) -> pl.DataFrame | None:
    """Columns of `changes_picture`; None where no change is known."""
    rows = [
        (each.label, _change(each.ratio.value), _change(each.ratio.low), _change(each.ratio.high), each.verdict)
        for each in pair.metrics
        if each.ratio.value is not None and math.isfinite(each.ratio.value)
    ]
    schema = {"metric": pl.String, "change": pl.Float64, "low": pl.Float64, "high": pl.Float64, "verdict": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else None


def _change(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * (ratio - 1)


def _differences(pair: Pair) -> Iterator[Block]:
    if not pair.differences:
        yield Paragraph("Nothing that is known differs.")
        return
    told = [each for each in pair.differences if each.standing != "not known"]
    if told:
        rows = [(each.name, _value(each.base), _value(each.other), _standing(each), each.effect) for each in told]
        head = ("differs", pair.base_label, pair.other_label, "", "what it does")
        blocking = frozenset(place for place, each in enumerate(told) if each.standing == "not meant")
        yield Table(head, rows, words=frozenset(range(5)), strong=blocking)
    unknown = [each.name for each in pair.differences if each.standing == "not known"]
    if unknown:
        yield Paragraph(f"{HEADS['not known'].capitalize()}: {', '.join(unknown)}.")


def _standing(difference: Difference) -> str:
    return {"meant": "under test", "not meant": "not meant", "accepted": "accepted"}.get(
        difference.standing, difference.standing
    )


def _value(text: str | None) -> str:
    return NONE if text is None else text


def _distribution(told: Distribution, labels: tuple[str, str], *, drawn: bool) -> Iterator[Block]:
    rows = [
        (f"p{100 * share:g}", milliseconds(base), milliseconds(other), change_text(other / base if base else None))
        for share, base, other in told.quantiles
    ]
    count = len(told.base)
    if drawn and count and told.high_ms > told.low_ms:
        from app.analysis.reporting.charts import distributions_picture  # noqa: PLC0415 - Altair may be missing

        frames = [
            pl.DataFrame(
                {
                    "side": [label] * count,
                    "ms": [_place(told, number, count) for number in range(count)],
                    "share": [100.0 * share for share in of],
                }
            )
            for label, of in zip(labels, (told.base, told.other), strict=True)
        ]
        title = f"How long each took: {told.kind}, every one of all runs"
        yield distributions_picture(pl.concat(frames), labels, told.kind, title, log=told.log)
    yield Table((f"{told.kind}, all runs", *labels, "change"), rows)


def _place(told: Distribution, number: int, count: int) -> float:
    share = (number + 0.5) / count
    if told.log:
        return float(told.low_ms * (told.high_ms / told.low_ms) ** share)
    return told.low_ms + share * (told.high_ms - told.low_ms)


def _ms(value: float | None) -> str:
    return NONE if value is None else milliseconds(value)
