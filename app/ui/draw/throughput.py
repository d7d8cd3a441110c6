"""The throughput panel: how much work a second, against what the device could do, and what came of it."""

from __future__ import annotations

from app.session.roofline import roofline_for, shares
from app.session.view import RunView, View
from app.text.numbers import count, flops, loss_text, rate
from app.text.units import units_of
from app.ui.draw.columns import scaled
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers
from app.ui.draw.items import Item, item, items_row, natural_width
from app.ui.draw.labels import axis_bytes, axis_text, fraction_percent, shown

PHASES = {"warmup": "warm-up", "measure": "measure", "cooldown": "cool-down", "evaluate": "evaluate"}

NO_RUN = RunView(run=0, workload="")


def phased(title: str, run: RunView) -> str:
    """A title, with the phase when it is not the one that counts."""
    return f"{title} · {PHASES[run.phase]}" if run.phase not in (None, "measure") else title


def throughput_content(view: View, gpu: int) -> Content:
    """The present run's work a second: arithmetic or bytes for a probe, units of work for the others."""
    run = view.current or NO_RUN
    foot = (*_progress(run), *_held_out(run))
    measured = _against_measured(view, run)
    return Content(
        title=phased("Throughput", run),
        note=run.workload,
        head=numbers((_work(run), *_beside(run))),
        feet=(numbers(foot), measured) if measured else (numbers(foot),),
        plot=_plot(view, run, gpu),
    )


def _unit(run: RunView) -> str:
    return run.started.unit if run.started else "sample"


def _work(run: RunView) -> Item:
    """The number that the chart shows."""
    match _unit(run):
        case "product":
            text, unit = _split(shown(run.flops_per_s, flops))
        case "copy":
            text, unit = _split(shown(run.bytes_per_s, rate))
        case _:
            text, unit = shown(run.samples_per_s, count_rate), "samples/s"
    return Item((("█ ", "throughput"), (text, "big"), (f" {unit}".rstrip(), "label")), 22)


def _split(text: str) -> tuple[str, str]:
    number, _, unit = text.partition(" ")
    return number, unit


def count_rate(per_s: float) -> str:
    """Things a second: whole from a hundred on."""
    return f"{per_s:,.0f}" if per_s >= 99.95 else f"{per_s:.1f}" if per_s >= 9.995 else f"{per_s:.2f}"


def _beside(run: RunView) -> tuple[Item, ...]:
    items = []
    if _unit(run) != "sample":
        items.append(item("", f"{shown(run.samples_per_s, count_rate)} {units_of(run.started)}/s", slot=18))
    if run.tokens_per_s is not None:
        items.append(item("", f"{count_rate(run.tokens_per_s)} tokens/s", slot=18))
    items.append(item("MFU", shown(run.mfu, fraction_percent), slot=11))
    if _unit(run) == "sample" and run.flops_per_s is not None:
        items.append(item("", flops(run.flops_per_s), slot=14))
    return tuple(items)


def _against_measured(view: View, run: RunView) -> NumberRow | None:
    """What part the run gets of what probes measured of its device; None where they did not."""
    started = run.started
    if started is None:
        return None
    # At no work at all, so that the row is there from the start and the chart keeps its height.
    known = shares(started, 0.0, roofline_for(view.rooflines, started.device_name, run.host))
    whole, brief = [], []
    if known.mfu_measured is not None:
        whole.append(_part(run.mfu_measured, "of measured peak"))
        brief.append(_part(run.mfu_measured, "of measured"))
    if known.bandwidth_fraction is not None:
        whole.append(_part(run.bandwidth_fraction, "of measured bandwidth"))
        brief.append(_part(run.bandwidth_fraction, "bandwidth"))
    if known.hfu is not None:
        hfu = item("HFU", shown(run.hfu, fraction_percent), slot=11)
        whole, brief = [*whole, hfu], [*brief, hfu]
    if not whole:
        return None
    return lambda width: items_row(whole if natural_width(whole) <= width else brief, width)


def _part(fraction: float | None, of: str) -> Item:
    return Item(((shown(fraction, fraction_percent), "value"), (f" {of}", "label")), len(of) + 8)


def _progress(run: RunView) -> tuple[Item, ...]:
    name = "request" if run.kind == "requests" else "step"
    items = [] if run.loss is None else [item("loss", loss_text(run.loss), slot=12)]
    items.append(item(name, count(run.steps) if run.steps else shown(None, count), slot=14))
    return tuple(items)


def _held_out(run: RunView) -> tuple[Item, ...]:
    if run.accuracy is None:
        return ()
    share = f"{100 * run.accuracy:.1f} %"
    of = f" of {run.accuracy_samples:,}" if run.accuracy_samples else ""
    return (Item(item("accuracy", share + of).row, 22, (item("accuracy", share).row, item("acc", share).row)),)


def _plot(view: View, run: RunView, gpu: int) -> Plot:
    started = run.started
    series, limit, text = view.throughput, None, axis_text
    if started is not None:
        each, most = started.flops_per_unit, started.limit_flops_per_s
        match started.unit:
            case "product":
                series, limit = scaled(series, each), most
            case "copy":
                facts = view.gpus[gpu].facts if view.gpus and started.device != "cpu" else None
                series, text = view.bytes_per_s, axis_bytes
                limit = facts.dram_limit_bytes_per_s if facts else None
            case _:
                limit = most / each if most and each else None
    return Plot(curves=(Curve(series, "throughput"),), text=text, limit=limit, empty="no work done yet")
