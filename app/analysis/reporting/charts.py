"""The charts of a report, by Altair. Data sets are named and travel beside the specification, in columns.

Colours are CSS variables, so that light, dark and paper are the page's alone. Texts of a session are values only, of
data sets and of scales over them: never the name of a field, part of an expression, or an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import altair as alt
import polars as pl

from app.analysis.reporting.blocks import Column, Picture, Readout
from app.analysis.reporting.rounding import rounded

COLOURS: Final = tuple(f"var(--c{number})" for number in range(8))
INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
WIDTH: Final = 720
"""Of a plot, until the page knows how much room there is."""
TALL, LOW = 150, 96
SPACING: Final = 24
"""Between panels: room for the names of lines."""
ROW: Final = 26
"""Height of a row of a chart that has rows."""
DOTS: Final = 40
CHANGE: Final = "change, %"
FARTHEST: Final = 150.0
"""Per cent of a change that are drawn; an interval may go on, and the table has its ends."""
SKEWED: Final = 20.0
"""Slowest ÷ median from which on an axis of times is logarithmic."""

Layer = Any
"""Altair's charts and layers of them, whose common type it does not export."""


@dataclass
class OverTime:
    """Panels under each other on one axis of seconds."""

    panels: list[Layer] = field(default_factory=list)
    data: dict[str, dict[str, Column]] = field(default_factory=dict)
    readouts: list[Readout] = field(default_factory=list)

    def put(self, frame: pl.DataFrame) -> str:
        """One more data set → its name."""
        name = f"d{len(self.data)}"
        self.data[name] = columns(frame)
        return name

    def picture(self, title: str, seconds: float, says: str) -> Picture | None:
        """The whole chart; None without a panel."""
        if not self.panels:
            return None
        spec = specification(
            alt.vconcat(*self.panels, spacing=SPACING, bounds="flush")
            .resolve_scale(color="independent")
            .add_params(alt.param(name="from_s", value=0), alt.param(name="until_s", value=rounded(seconds)))
        )
        for panel in spec["vconcat"][:-1]:
            _without_labels(panel)
        return Picture(title, spec, self.data, says, (0.0, seconds), tuple(self.readouts))


def columns(frame: pl.DataFrame) -> dict[str, Column]:
    """Numbers with as many digits as a chart can show."""
    return {name: [rounded(value) for value in frame[name].to_list()] for name in frame.columns}


def specification(chart: Layer) -> dict[str, Any]:
    """Vega-Lite, without what the page decides."""
    spec: dict[str, Any] = chart.to_dict()
    for unwanted in ("$schema", "config"):
        spec.pop(unwanted, None)
    return spec


def _without_labels(panel: dict[str, Any]) -> None:
    """The axis of seconds is told once, under the last panel."""
    for layer in panel.get("layer", [panel]):
        layer["encoding"]["x"]["axis"] = {**layer["encoding"]["x"]["axis"], "labels": False}


def _seconds() -> alt.X:
    return alt.X(
        "t:Q",
        title=None,
        scale=alt.Scale(domainMin=alt.ExprRef("from_s"), domainMax=alt.ExprRef("until_s"), nice=False, zero=False),
        axis=alt.Axis(labelExpr="datum.label + ' s'", tickCount=8, grid=False),
    )


def _value(name: str, title: str, *, zero: bool, log: bool = False, form: str = "~s") -> alt.Y:
    scale = alt.Scale(type="log", nice=True) if log else alt.Scale(zero=zero, nice=True)
    return alt.Y(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(format=form, tickCount=4))


def throughput_panel(over: OverTime, course: pl.DataFrame, units: str) -> None:
    """Units a second."""
    rates = course.select("t", "rate")
    if rates["rate"].drop_nulls().is_empty():
        return
    data = over.put(rates)
    over.panels.append(
        alt.Chart(alt.NamedData(data), height=TALL, width=WIDTH)
        .mark_line(color=COLOURS[0], clip=True, strokeWidth=1.8, interpolate="step")
        .encode(_seconds(), _value("rate", f"{units}/s", zero=True))
    )
    over.readouts.append(Readout(data, "throughput", (("rate", ""),), f"{units}/s"))


def times_panel(over: OverTime, course: pl.DataFrame, kind: str) -> None:
    """Step time or latency: a line for the median, bands from the 10th to the 90th percentile and over all."""
    times = course.select("t", "low", "p10", "p50", "p90", "high").drop_nulls("p50")
    if times.is_empty():
        return
    data = over.put(times)
    largest, middle = _number(times["high"].max()), _number(times["p50"].median())
    log = middle > 0 and largest / middle > SKEWED and _number(times["low"].min()) > 0
    base = alt.Chart(alt.NamedData(data), height=TALL, width=WIDTH).encode(_seconds())
    title, form = f"{kind}, ms", "~g" if log else "~r"
    over.panels.append(
        alt.layer(
            base.mark_area(color=COLOURS[1], opacity=0.2, clip=True).encode(
                _value("low", title, zero=False, log=log, form=form), alt.Y2("high:Q")
            ),
            base.mark_area(color=COLOURS[1], opacity=0.28, clip=True).encode(
                _value("p10", title, zero=False, log=log, form=form), alt.Y2("p90:Q")
            ),
            base.mark_line(color=COLOURS[1], clip=True, strokeWidth=1.8, point=_dots(times, COLOURS[1])).encode(
                _value("p50", title, zero=False, log=log, form=form)
            ),
        )
    )
    fields = (("high", "slowest"), ("p90", "p90"), ("p50", "p50"), ("p10", "p10"), ("low", "fastest"))
    over.readouts.append(Readout(data, kind, fields, "ms"))


def loss_panel(over: OverTime, course: pl.DataFrame, held_out: pl.DataFrame) -> None:
    """Training loss, and what was reached on held-out data: columns `t` and `loss`."""
    losses = course.select("t", "loss").drop_nulls().filter(pl.col("loss").is_finite())
    layers = []
    if not losses.is_empty():
        data = over.put(losses)
        layers.append(
            alt.Chart(alt.NamedData(data), height=LOW, width=WIDTH)
            .mark_line(color=COLOURS[2], clip=True, strokeWidth=1.6, point=_dots(losses, COLOURS[2]))
            .encode(_seconds(), _value("loss", "loss, nats", zero=False, form="~g"))
        )
        over.readouts.append(Readout(data, "loss", (("loss", ""),), "nats"))
    if len(held_out) > 1:
        data = over.put(held_out)
        layers.append(
            alt.Chart(alt.NamedData(data), height=LOW, width=WIDTH)
            .mark_line(
                color=COLOURS[4], clip=True, strokeWidth=1.4, strokeDash=[4, 3], point=_dots(held_out, COLOURS[4])
            )
            .encode(_seconds(), _value("loss", "loss, nats", zero=False, form="~g"))
        )
        over.readouts.append(Readout(data, "held-out loss", (("loss", ""),), "nats"))
    if layers:
        over.panels.append(alt.layer(*layers))


def score_panel(over: OverTime, scores: pl.DataFrame, title: str) -> None:
    """Results on held-out data: columns `t` and `value`."""
    if len(scores) < 2:
        return
    data = over.put(scores)
    over.panels.append(
        alt.Chart(alt.NamedData(data), height=LOW, width=WIDTH)
        .mark_line(color=COLOURS[3], clip=True, point=_dots(scores, COLOURS[3]), strokeWidth=1.6)
        .encode(_seconds(), _value("value", title, zero=False, form="~r"))
    )
    over.readouts.append(Readout(data, title.partition(",")[0], (("value", ""),), title.partition(", ")[2]))


def gauges_panel(over: OverTime, rows: pl.DataFrame, title: str, unit: str, *, top: float | None = None) -> None:
    """Readings: columns `series`, `t`, `low`, `mean`, `high`; a line each for the mean, and a band over all."""
    if rows.is_empty():
        return
    data = over.put(rows)
    names = rows["series"].unique(maintain_order=True).to_list()
    colour = alt.Color(
        "series:N",
        sort=names,
        scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])),
        legend=alt.Legend(
            title=None, orient="top", symbolType="square", symbolOpacity=1, offset=2, columns=4, labelLimit=220
        ),
    )
    scale = alt.Scale(domain=[0, top]) if top is not None else alt.Scale(zero=True, nice=True)
    mean = alt.Y("mean:Q", title=title, scale=scale, axis=alt.Axis(format="~s", tickCount=4))
    base = alt.Chart(alt.NamedData(data), height=LOW, width=WIDTH).encode(_seconds(), colour)
    band = base.mark_area(opacity=0.14, clip=True).encode(
        alt.Y("low:Q", title=title, scale=scale, axis=alt.Axis(format="~s", tickCount=4)), alt.Y2("high:Q")
    )
    over.panels.append(alt.layer(band, base.mark_line(clip=True, strokeWidth=1.5).encode(mean)))
    over.readouts.append(
        Readout(data, "", (("low", "lowest"), ("mean", "mean"), ("high", "highest")), unit, by="series")
    )


def histogram_picture(bins: pl.DataFrame, marks: Mapping[str, float | None], kind: str, says: str) -> Picture | None:
    """How often a run took how long. `marks`: percentiles, in milliseconds."""
    if bins.is_empty():
        return None
    known = {name: value for name, value in marks.items() if value is not None}
    edge = _number(bins["high"].max())
    rules = pl.DataFrame(
        {"name": list(known), "ms": list(known.values())}, schema={"name": pl.String, "ms": pl.Float64}
    ).filter(pl.col("ms") <= edge)
    bars = (
        alt.Chart(alt.NamedData("bins"), height=TALL, width=WIDTH)
        .mark_bar(color=COLOURS[1], opacity=0.75, binSpacing=0.5)
        .encode(
            alt.X(
                "low:Q",
                title=f"{kind}, ms",
                scale=alt.Scale(zero=False, nice=False),
                axis=alt.Axis(grid=False, tickCount=10),
            ),
            alt.X2("high:Q"),
            alt.Y("n:Q", title="count", axis=alt.Axis(tickCount=4, format="~s")),
            alt.Y2Datum(0),
            tooltip=[
                alt.Tooltip("low:Q", title="from, ms", format=".4~g"),
                alt.Tooltip("until:Q", title="to, ms", format=".4~g"),
                alt.Tooltip("n:Q", title="count", format=","),
            ],
        )
    )
    base = alt.Chart(alt.NamedData("marks")).encode(alt.X("ms:Q"))
    chart = alt.layer(
        bars,
        base.mark_rule(color=INK, strokeDash=[3, 3]),
        base.mark_text(color=INK, align="left", dx=4, dy=6, baseline="top", fontSize=11).encode(
            alt.Text("name:N"), y=alt.value(0)
        ),
    )
    return Picture(
        f"How long each took: {kind}", specification(chart), {"bins": columns(bins), "marks": columns(rules)}, says
    )


def repeats_picture(repeats: pl.DataFrame, means: pl.DataFrame, title: str, says: str) -> Picture:
    """Every repeat as a point, the mean with its interval, a row for each variant.

    `repeats`: `variant`, `value`, `run`. `means`: `variant`, `value`, `low`, `high`.
    """
    names = means["variant"].to_list()
    rows = alt.Y("variant:N", sort=names, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False))
    axis = alt.X("value:Q", title=title, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(format="~s"))
    height = ROW * max(2, len(names)) + 10
    of_means = alt.Chart(alt.NamedData("means"), height=height, width=WIDTH)
    chart = alt.layer(
        of_means.mark_rule(color=COLOURS[0], strokeWidth=9, opacity=0.25).encode(
            alt.X("low:Q", title=title, scale=alt.Scale(zero=False, nice=True)), alt.X2("high:Q"), rows
        ),
        of_means.mark_tick(color=COLOURS[0], thickness=2.5, size=18).encode(axis, rows),
        alt.Chart(alt.NamedData("repeats"), height=height, width=WIDTH)
        .mark_circle(color=COLOURS[1], size=52, opacity=0.85)
        .encode(
            axis,
            rows,
            tooltip=[alt.Tooltip("run:N", title="run"), alt.Tooltip("value:Q", title="value", format=",.4~g")],
        ),
    )
    return Picture(title, specification(chart), {"means": columns(means), "repeats": columns(repeats)}, says)


def changes_picture(changes: pl.DataFrame, within: float, title: str) -> Picture:
    """Changes with their intervals, a row for each metric: `metric`, `change`, `low`, `high` (per cent), `verdict`."""
    verdicts = ["better", "worse", "same", "cannot tell"]
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=verdicts, range=["var(--good)", "var(--critical)", COLOURS[0], MUTED]),
        legend=alt.Legend(title=None, orient="top", symbolType="circle"),
    )
    rows = alt.Y("metric:N", sort=changes["metric"].to_list(), title=None, axis=alt.Axis(labelLimit=220, ticks=False))
    height = ROW * max(2, len(changes)) + 10
    base = alt.Chart(alt.NamedData("changes"), height=height, width=WIDTH).encode(rows, colour)
    ends = [value for name in ("change", "low", "high") for value in changes[name].to_list() if value is not None]
    low, high = (min(max(value, -FARTHEST), FARTHEST) for value in (min(ends), max(ends)))
    reach = max(abs(low), abs(high), 200 * within)
    scale = alt.Scale(domain=[min(low, -reach / 8), max(high, reach / 8)], nice=True, clamp=False)
    chart = alt.layer(
        alt.Chart(alt.NamedData("same"), height=height, width=WIDTH)
        .mark_rect(color=MUTED, opacity=0.16, clip=True)
        .encode(alt.X("low:Q", title=CHANGE, scale=scale), alt.X2("high:Q")),
        alt.Chart(alt.NamedData("same")).mark_rule(color=MUTED).encode(alt.X("none:Q", title=CHANGE, scale=scale)),
        base.mark_rule(strokeWidth=3, clip=True).encode(alt.X("low:Q", title=CHANGE, scale=scale), alt.X2("high:Q")),
        base.mark_circle(size=70, opacity=1, clip=True).encode(
            alt.X("change:Q", title=CHANGE, scale=scale),
            tooltip=[
                alt.Tooltip("metric:N", title="metric"),
                alt.Tooltip("change:Q", title="change, %", format="+.2f"),
                alt.Tooltip("low:Q", title="from, %", format="+.2f"),
                alt.Tooltip("high:Q", title="to, %", format="+.2f"),
                alt.Tooltip("verdict:N", title="verdict"),
            ],
        ),
    )
    same = pl.DataFrame({"low": [-100 * within], "high": [100 * within], "none": [0.0]})
    return Picture(title, specification(chart), {"changes": columns(changes), "same": columns(same)}, "")


def distributions_picture(shares: pl.DataFrame, labels: Sequence[str], kind: str, title: str, *, log: bool) -> Picture:
    """Two distributions over each other: `side`, `ms`, `share` (per cent of the samples)."""
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False, nice=False)
    chart = (
        alt.Chart(alt.NamedData("shares"), height=TALL, width=WIDTH)
        .mark_area(opacity=0.3, line=True, interpolate="step")
        .encode(
            alt.X("ms:Q", title=f"{kind}, ms", scale=scale, axis=alt.Axis(grid=False)),
            alt.Y("share:Q", title="% of all", stack=None, axis=alt.Axis(tickCount=4)),
            alt.Color(
                "side:N",
                scale=alt.Scale(domain=list(labels), range=[COLOURS[0], COLOURS[1]]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[alt.Tooltip("side:N", title="side"), alt.Tooltip("ms:Q", title="ms", format=".4~g")],
        )
    )
    return Picture(title, specification(chart), {"shares": columns(shares)}, "")


def cases_picture(cases: pl.DataFrame, title: str, says: str) -> Picture:
    """One bar for each case: `case`, `value`, `best`."""
    height = 22 * max(2, len(cases)) + 10
    chart = (
        alt.Chart(alt.NamedData("cases"), height=height, width=WIDTH)
        .mark_bar(height=13)
        .encode(
            alt.X("value:Q", title=title, axis=alt.Axis(format="~s", tickCount=6)),
            alt.Y("case:N", sort=cases["case"].to_list(), title=None, axis=alt.Axis(labelLimit=260, ticks=False)),
            alt.Color("best:N", scale=alt.Scale(domain=[1, 0], range=[COLOURS[1], COLOURS[0]]), legend=None),
            tooltip=[alt.Tooltip("case:N", title="case"), alt.Tooltip("value:Q", title=title, format=".4~s")],
        )
    )
    return Picture(title, specification(chart), {"cases": columns(cases)}, says)


def _dots(frame: pl.DataFrame, colour: str) -> alt.OverlayMarkDef | bool:
    """So few are worth a dot each; one alone is no line."""
    return alt.OverlayMarkDef(color=colour, size=26, filled=True) if len(frame) <= DOTS else False


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
