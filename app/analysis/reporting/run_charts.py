"""The charts of one run: its course, how long its samples took, its cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from app.analysis.load import Loaded
from app.analysis.reporting.blocks import Picture
from app.analysis.reporting.charts import (
    OverTime,
    cases_picture,
    gauges_panel,
    histogram_picture,
    loss_panel,
    score_panel,
    throughput_panel,
    times_panel,
)
from app.analysis.reporting.series import course, histogram, readings
from app.analysis.reporting.summed_course import NEAR, summed_course
from app.analysis.summary.headline import NS_A_S, measure_windows
from app.analysis.summary.report import RunSummary
from app.session.store.manifest import RunRecord
from app.text.numbers import count, milliseconds
from app.text.units import units_of
from workloads.wire.gauges import GAUGES

LINES: Final = 6
"""Of one panel: more cannot be told apart."""
CASES: Final = 40
PANELS: Final = (
    (
        "busy, %",
        "%",
        100.0,
        1.0,
        (
            "sm_active_percent",
            "tensor_active_percent",
            "dram_percent",
            "utilization_percent",
            "cpu_percent",
            "cpu_pressure_percent",
        ),
    ),
    ("power, W", "W", None, 1.0, ("power_w",)),
    ("clock, MHz", "MHz", None, 1.0, ("sm_clock_mhz",)),
    ("temperature, °C", "°C", None, 1.0, ("temperature_c",)),
    ("memory, GiB", "GiB", None, float(1 << 30), ("memory_used_bytes", "rss_bytes")),
)
"""Title, unit, end of the axis, size of the unit, and the gauges of each panel, the most telling first."""
DRAWN: Final = tuple(name for *_, names in PANELS for name in names)


def run_charts(loaded: Loaded, record: RunRecord, run: RunSummary, most: int) -> Iterator[Picture]:
    """`most`: stretches of a chart over time."""
    windows = measure_windows(record.phases, record.measured_until_ns)
    if not windows:
        return
    began, ended = windows[0][0], windows[-1][1]
    over = OverTime()
    says = "Nothing of it was sampled."
    requests = loaded.tables["requests"]
    name = "requests" if _has(requests, record.run) else "steps"
    kind = "latency" if name == "requests" else "step time"
    if not run.cases:
        summed = summed_course(loaded.folder, name, record, windows, most)
        found = course(loaded.tables[name], name, record.run, windows, most) if summed is None else summed
        if not found.is_empty():
            throughput_panel(over, found, units_of(run.started))
            times_panel(over, found, kind)
            _learning(over, found, record, began)
            says = _says(found, units_of(run.started), kind)
            if summed is not None:
                says += f" Percentiles drawn here are within {NEAR} %; the tables are exact."
    gauges = loaded.tables["gauges"].filter(run=record.run)
    _machine(over, readings(gauges, began, ended, most, DRAWN))
    # A last look at held-out data comes after what was measured.
    until = max([ended, *(score.at_ns for score in record.scores if len(record.scores) > 1)])
    if (picture := over.picture("Over time", (until - began) / NS_A_S, says)) is not None:
        yield picture
    if run.cases:
        yield from _cases(run)
        return
    times = run.times
    bins = histogram(loaded.tables[name], name, record.run, end_ms=times.p99_9_ms if times else None)
    marks = {"p50": times.p50_ms, "p90": times.p90_ms, "p99": times.p99_ms} if times else {}
    told = f"p50 {milliseconds(times.p50_ms)}, slowest {milliseconds(times.max_ms)}, in the last bar." if times else ""
    if (shown := histogram_picture(bins, marks, kind, told)) is not None:
        yield shown


def _has(table: pl.LazyFrame, run: int) -> bool:
    return not table.filter(run=run).select("run").head(1).collect().is_empty()


def _learning(over: OverTime, found: pl.DataFrame, record: RunRecord, began_ns: int) -> None:
    loss_panel(over, found, _scores(record, "loss", began_ns).rename({"value": "loss"}))
    accuracy = _scores(record, "top1_accuracy", began_ns).with_columns(pl.col("value") * 100)
    score_panel(over, accuracy, "top-1, %")
    score_panel(over, _scores(record, "bits_per_byte", began_ns), "bits per byte")


def _scores(record: RunRecord, metric: str, began_ns: int) -> pl.DataFrame:
    those = [score for score in record.scores if score.metric == metric]
    return pl.DataFrame(
        {"t": [(score.at_ns - began_ns) / NS_A_S for score in those], "value": [float(score.value) for score in those]},
        schema={"t": pl.Float64, "value": pl.Float64},
    )


def _machine(over: OverTime, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    for title, unit, top, size, names in PANELS:
        those = _lines(rows, names)
        if not those:
            continue
        labels = pl.DataFrame(
            {
                "device": [device for device, _ in those],
                "name": [name for _, name in those],
                "series": [f"{device} {GAUGES[name].label}" for device, name in those],
                "place": range(len(those)),
            }
        )
        shown = (
            rows.join(labels, on=["device", "name"])
            .sort("place", "t")
            .select("series", "t", *(pl.col(column) / size for column in ("low", "mean", "high")))
        )
        # A process's own load is of one processor: it may be more than 100.
        largest = shown["high"].max()
        fits = top is None or not isinstance(largest, float) or largest <= top
        gauges_panel(over, shown, title, unit, top=top if fits else None)


def _lines(rows: pl.DataFrame, names: Sequence[str]) -> list[tuple[str, str]]:
    """Device and gauge of each line, the most telling gauges first; a gauge that is 0 throughout says nothing."""
    there = rows.group_by("device", "name").agg(pl.col("high").max()).filter(pl.col("high") > 0)
    known = sorted((names.index(name), device, name) for device, name, _ in there.iter_rows() if name in names)
    return [(device, name) for _, device, name in known][:LINES]


def _cases(run: RunSummary) -> Iterator[Picture]:
    cases = run.cases[:CASES]
    if len(cases) < 2:
        return
    for title, values in (
        ("FLOP/s", [case.flops_per_s for case in cases]),
        ("bytes/s", [case.bytes_per_s for case in cases]),
        (f"{units_of(run.started)}/s", [case.units_per_s for case in cases]),
    ):
        if any(values):
            frame = pl.DataFrame(
                {
                    "case": [case.name for case in cases],
                    "value": values,
                    "best": [int(case.name == run.best_case) for case in cases],
                },
                schema={"case": pl.String, "value": pl.Float64, "best": pl.Int64},
            )
            yield cases_picture(frame, title, f"{title} of {len(cases)} cases; the best is {run.best_case}.")
            return


def _says(found: pl.DataFrame, units: str, kind: str) -> str:
    rates = found["rate"].drop_nulls()
    low, high = rates.min(), rates.max()
    slowest = found["high"].max()
    told = []
    if isinstance(low, float) and isinstance(high, float):
        told.append(f"Throughput from {count(low)} to {count(high)} {units}/s.")
    if isinstance(slowest, float):
        told.append(f"The slowest {kind} is {milliseconds(slowest)}.")
    return " ".join(told)
