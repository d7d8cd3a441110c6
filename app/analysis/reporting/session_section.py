"""One session: what it came to, what to beware of, its runs, its whole configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from app.analysis.finishing.damage_lines import damage_lines, recovery_text
from app.analysis.judging.search_text import search_lines
from app.analysis.judging.told_cautions import told_cautions
from app.analysis.load import Loaded
from app.analysis.reporting.blocks import Block, Facts, Notice, Section, Table, Tile, Tiles
from app.analysis.reporting.configuration import configuration_section
from app.analysis.reporting.run_section import headline_tiles, run_section
from app.analysis.reporting.verdict_section import notice
from app.analysis.summary.overheads import overhead_text
from app.analysis.summary.report import Summary
from app.analysis.summary.rooflines import RooflineReport
from app.analysis.summary.text import device_text
from app.analysis.variants.report import VariantSummary
from app.analysis.why.document import Why
from app.session.results.metrics import BY_NAME
from app.session.results.search import SAID
from app.text.metrics import half_width_text, metric_text
from app.text.numbers import counted, duration, flops, milliseconds, percent, rate, significant

NONE: Final = "–"
DRAWN: Final = 24
"""Runs whose charts are drawn; of more, the first of each variant come first."""
STRETCHES: Final = 400
"""Of a chart over time: one that is wider than a screen has pixels for."""
MOST_TILES: Final = 6
POINTS: Final = 4_800
"""Stretches of all charts over time together, so that a page stays small however many runs there are."""


def session_section(loaded: Loaded, summary: Summary, why: Why, *, alone: bool, drawn: bool) -> Section:
    """`alone`: whether it is the only one of the document. `drawn`: with charts."""
    blocks: list[Block] = [Facts(list(_about(summary)))]
    blocks += _warnings(summary)
    if summary.search is not None:
        blocks.append(Facts(list(search_lines(summary.search))))
    if repeated := [variant for variant in summary.variants if variant.mean is not None]:
        blocks.append(Tiles(list(map(variant_tile, repeated[:MOST_TILES]))))
        blocks.append(_variants(summary.variants))
        blocks += _repeats(repeated) if drawn else ()
    elif len(summary.runs) > 1:
        blocks.append(_runs(summary))
    blocks += _limits(summary)
    blocks += [_roofline(roofline) for roofline in summary.rooflines]
    sections = [*_run_sections(loaded, summary, why, drawn=drawn), configuration_section(loaded.manifest)]
    title = "The session" if alone else loaded.name
    return Section(title, blocks, sections)


def session_tile(summary: Summary) -> Tile:
    """A session in one number: that of its first variant, or of its first run."""
    for variant in summary.variants:
        if variant.mean is not None and variant.mean.value is not None:
            tile = variant_tile(variant)
            return Tile(summary.name, tile.value, f"{tile.label}; {tile.note}")
    for run in summary.runs:
        for tile in headline_tiles(run):
            return Tile(summary.name, tile.value, run.title or run.workload)
    return Tile(summary.name, NONE, summary.outcome)


def variant_tile(variant: VariantSummary) -> Tile:
    """The mean of its headline."""
    mean, runs = variant.mean, counted(variant.done, "run")
    if mean is None or mean.value is None:
        return Tile(variant.title, NONE, runs)
    half = f"{half_width_text(mean.half_width)}, " if mean.half_width is not None else ""
    return Tile(variant.title, metric_text(mean.value, variant.unit), f"{variant.label}, {half}{runs}")


def when_text(summary: Summary) -> str:
    """`2026-11-26 08:31, 02:11 on host`."""
    began = dt.datetime.fromtimestamp(summary.started_ns / 1e9).astimezone()
    length = duration((summary.ended_ns - summary.started_ns) / 1e9)
    return f"{began:%Y-%m-%d %H:%M %Z}, {length}" + (f" on {summary.host}" if summary.host else "")


def _about(summary: Summary) -> Iterator[tuple[str, str]]:
    yield "session", f"{summary.name}, {'still running: as of now' if summary.running else summary.outcome}"
    yield "when", when_text(summary)
    yield "via", summary.via
    yield "platform", summary.platform or ""
    yield "processor", summary.cpu or ""
    for device in summary.devices:
        yield device.device, device_text(device)
    for clock in summary.clocks:
        yield "clock", f"{clock.host} within ±{milliseconds(clock.largest_error_ns / 1e6)}"
    if summary.idle:
        powers = ", ".join(f"{device} {power:.0f} W" for device, power in summary.idle.power_w.items())
        yield "idle baseline", f"{powers} over {summary.idle.seconds:.1f} s" if powers else ""
    if summary.overhead:
        yield "benchtop's own cost", overhead_text(summary.overhead)


def _warnings(summary: Summary) -> Iterator[Notice]:
    if summary.remade:
        yield Notice("warning", "made again", summary.remade)
    for each in summary.damaged:
        yield Notice("warning", "damaged", each.line)
    if summary.failure:
        yield Notice("critical", "failed", summary.failure.message, summary.failure.remedy)
    if summary.recovery:
        yield Notice("warning", "recovered", recovery_text(summary.recovery))
        for line in damage_lines(summary.recovery):
            yield Notice("warning", "damaged", line)
    for who, caution in told_cautions(summary.variants):
        yield Notice("warning", caution.kind.replace("-", " "), f"{who}: {caution.message}", caution.remedy)
    told = {caution.kind for variant in summary.variants for caution in variant.cautions}
    for finding in summary.findings:
        if finding.kind not in told and finding.kind not in SAID:
            yield Notice("info", "note", finding.message, finding.remedy)


def _variants(variants: Sequence[VariantSummary]) -> Table:
    rows = []
    for each in variants:
        done = f"{each.done}" if each.done == each.planned else f"{each.done} of {each.planned}"
        mean = each.mean
        if mean is None or mean.value is None:
            rows.append((each.title, each.label, NONE, NONE, NONE, done))
            continue
        between = NONE
        if mean.low is not None and mean.high is not None:
            between = f"{metric_text(mean.low, each.unit)} to {metric_text(mean.high, each.unit)}"
        half = half_width_text(mean.half_width) if mean.half_width is not None else NONE
        rows.append((each.title, each.label, metric_text(mean.value, each.unit), half, between, done))
    head = ("variant", "of", "mean", "±", "95 % interval", "repeats")
    return Table(head, rows, words=frozenset({0, 1}), caption="Over the repeats that are done.")


def _repeats(variants: Sequence[VariantSummary]) -> Iterator[Block]:
    """A chart for each kind of headline of which there are several values."""
    from app.analysis.reporting.charts import repeats_picture  # noqa: PLC0415 - Altair may be missing

    for metric in dict.fromkeys(variant.metric for variant in variants):
        those = [variant for variant in variants if variant.metric == metric and variant.mean is not None]
        points = [
            (variant.title, repeat.value, repeat.run)
            for variant in those
            for repeat in variant.repeats
            if repeat.value is not None
        ]
        if len(points) < 2:
            continue
        label = BY_NAME[metric].label if metric in BY_NAME else metric
        means = pl.DataFrame(
            [(v.title, v.mean.value, v.mean.low, v.mean.high) for v in those if v.mean is not None],
            schema={"variant": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
            orient="row",
        )
        repeats = pl.DataFrame(
            points, schema={"variant": pl.String, "value": pl.Float64, "run": pl.Int64}, orient="row"
        )
        unit = those[0].unit
        says = f"{counted(len(points), 'run')} of {counted(len(those), 'variant')}"
        says += "; the bars are 95 % intervals of the mean."
        yield repeats_picture(repeats, means, f"{label}{f', {unit}' if unit else ''}", says)


def _runs(summary: Summary) -> Table:
    rows = []
    for run in summary.runs:
        tiles = list(headline_tiles(run))[:2]
        shown = [f"{tile.label} {tile.value}" for tile in tiles] + [NONE, NONE]
        rows.append((f"{run.run}", run.title or run.workload, run.outcome, *shown[:2]))
    return Table(("run", "workload", "outcome", "", ""), rows, words=frozenset(range(5)))


def _limits(summary: Summary) -> Iterator[Notice]:
    """The primary verdict of each kind of run, once."""
    seen = set()
    for run in summary.runs:
        if run.primary is not None and (key := (run.workload, run.primary.kind)) not in seen:
            seen.add(key)
            found = notice(run.primary)
            where = f"{run.title or run.workload}: " if len(summary.runs) > 1 else ""
            yield Notice(found.tone, f"{where}{found.title}", found.text, found.remedy)


def _roofline(roofline: RooflineReport) -> Table:
    rows = []
    for peak in roofline.peaks:
        of = NONE
        if peak.published_fraction is not None and peak.published_flops_per_s is not None:
            of = f"{percent(100 * peak.published_fraction)} of {flops(peak.published_flops_per_s)}"
        ridge = NONE if peak.ridge_flops_per_byte is None else f"{significant(peak.ridge_flops_per_byte)} FLOP/byte"
        rows.append((peak.precision, flops(peak.flops_per_s), of, ridge))
    if roofline.bytes_per_s is not None:
        of = NONE
        if roofline.dram_limit_fraction is not None and roofline.dram_limit_bytes_per_s is not None:
            of = f"{percent(100 * roofline.dram_limit_fraction)} of {rate(roofline.dram_limit_bytes_per_s)}"
        rows.append(("memory, read plus written", rate(roofline.bytes_per_s), of, NONE))
    head = ("roofline", "measured", "of what is published", "ridge")
    return Table(head, rows, caption=f"{roofline.device_name} on {roofline.host}")


def _run_sections(loaded: Loaded, summary: Summary, why: Why, *, drawn: bool) -> Iterator[Section]:
    records = {record.run: record for record in loaded.manifest.runs}
    whys = {each.run: each for each in why.runs}
    repeats = {planned.run: planned.repeat for planned in loaded.manifest.plan.runs}
    worth = [run.run for run in sorted(summary.runs, key=lambda run: (repeats.get(run.run, 1), run.run))]
    charted = set(worth[:DRAWN]) if drawn else set()
    most = max(60, min(STRETCHES, POINTS // max(1, len(charted))))
    firsts = {run.run for run in summary.runs if repeats.get(run.run, 1) <= 1}
    for run in summary.runs:
        if run.outcome == "skipped" and run.started is None:
            continue
        yield run_section(
            loaded,
            records[run.run],
            run,
            whys.get(run.run),
            most=most if run.run in charted else 0,
            folded=run.run not in firsts,
        )
