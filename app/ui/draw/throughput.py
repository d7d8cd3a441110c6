"""The throughput panel: how much work a second, against what the device could do, and what came of it."""

from __future__ import annotations

from rich.cells import cell_len

from app.session.live.view import RunView, View
from app.session.roofs.links import link_limit_bytes_per_s
from app.session.roofs.roofline import roofline_for, shares
from app.text.cases import of_cases
from app.text.numbers import count, flops, loss_text, milliseconds, rate
from app.text.units import units_of
from app.text.work import BYTES, FLOPS, MODELS
from app.ui.draw.columns import scaled
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers, value_of
from app.ui.draw.items import Item, item, items_row, natural_width
from app.ui.draw.labels import DASH, axis_bytes, axis_text, fraction_percent, shown, whole_percent
from app.ui.draw.rows import Row, clipped
from workloads.wire.frames import RunStarted

PHASES = {
    "warmup": "warm-up",
    "measure": "measure",
    "cooldown": "cool-down",
    "evaluate": "evaluate",
    "experiment": "experiment",
    "profile": "profile",
}

QUEUE = "queue_requests"
"""The gauge of requests that wait."""

NO_RUN = RunView(run=0, workload="")


def phased(title: str, run: RunView) -> str:
    """A title, with the phase when it is not the one that counts."""
    return f"{title} · {PHASES[run.phase]}" if run.phase not in (None, "measure") else title


def throughput_content(view: View, gpu: int) -> Content:
    """The present run's work a second: arithmetic or bytes for a probe, units of work for the others."""
    run = view.current or NO_RUN
    plot = _plot(view, run, gpu)
    progress = numbers((*_progress(run), *_held_out(run)))
    measured = _against_measured(view, run)
    # Where there is little room, what the numbers are of and how good they are stay longest.
    rows = (_generator(view, run), progress, measured) if run.case is None else (_case(run), measured, progress)
    return Content(
        title=phased("Throughput", run),
        note=_whose(run),
        head=numbers((_work(run), *_of_link(run, plot), *_beside(run))),
        feet=tuple(row for row in rows if row is not None),
        plot=plot,
    )


def _generator(view: View, run: RunView) -> NumberRow | None:
    """Of requests that are due by a schedule: a light on the load generator's lag, and how many wait."""
    load = run.load
    if load is None:
        return None
    waiting = value_of(view.worker_device, QUEUE) if run.phase == "measure" else None
    queue = item("waiting", shown(waiting, count), slot=14)
    if load.lag_p99 is None:
        return numbers((item("generator", DASH), queue))
    lag = milliseconds(load.lag_p99 / 1e6)
    if load.late:
        return numbers((Item(((f"● generator late {lag}", "warning"),), 24), queue))
    on_time: Row = (("● ", "good"), ("generator on time ", "label"), (f"p99 {lag}", "value"))
    brief: Row = (("● ", "good"), ("generator ", "label"), (f"p99 {lag}", "value"))
    return numbers((Item(on_time, 33, (brief,)), queue))


def _whose(run: RunView) -> str:
    """Of several ranks the numbers are sums, but for work that all of them do together."""
    if not run.ranks:
        return run.title or run.workload
    together = run.started is not None and run.started.moves_over == "ranks"
    return f"{'between' if together else 'sum of'} {len(run.ranks)} ranks"


def _case(run: RunView) -> NumberRow:
    """What the numbers are of, among the things that the run measures; the best of them once it has ended."""
    over = run.state not in ("starting", "running")
    labels = (of_cases(run.cases), "best") if over else (f"case {run.cases:,}", "case")
    case = run.case or ""

    def draw(width: int) -> Row:
        label = next((label for label in labels if len(label) + 1 + cell_len(case) <= width), labels[-1])
        return clipped(((f"{label} ", "label"), (case, "value")), width)

    return draw


def _unit(run: RunView) -> str:
    return run.started.unit if run.started else "sample"


def _work(run: RunView) -> Item:
    """The number that the chart shows."""
    unit = _unit(run)
    if unit in FLOPS:
        text, unit = _split(shown(run.flops_per_s, flops))
    elif unit in BYTES:
        text, unit = _split(shown(run.bytes_per_s, rate))
    elif run.tokens_per_s is not None:
        text, unit = count_rate(run.tokens_per_s), "tokens/s"
    else:
        units = "requests" if run.started is None and run.kind == "requests" else units_of(run.started)
        text, unit = shown(run.samples_per_s, count_rate), f"{units}/s"
    return Item((("█ ", "throughput"), (text, "big"), (f" {unit}".rstrip(), "label")), 22)


def _split(text: str) -> tuple[str, str]:
    number, _, unit = text.partition(" ")
    return number, unit


def count_rate(per_s: float) -> str:
    """Things a second: whole from a hundred on."""
    return f"{per_s:,.0f}" if per_s >= 99.95 else f"{per_s:.1f}" if per_s >= 9.995 else f"{per_s:.2f}"


def _beside(run: RunView) -> tuple[Item, ...]:
    items = []
    if _unit(run) in FLOPS | BYTES or run.tokens_per_s is not None:
        items.append(item("", f"{shown(run.samples_per_s, count_rate)} {units_of(run.started)}/s", slot=18))
    if _unit(run) in FLOPS | MODELS:
        items.append(item("MFU", shown(run.mfu, fraction_percent), slot=11))
    if _unit(run) in MODELS and run.flops_per_s is not None:
        items.append(item("", flops(run.flops_per_s), slot=14))
    return tuple(items)


def _against_measured(view: View, run: RunView) -> NumberRow | None:
    """What part the run gets of what probes measured of its devices; None where they did not."""
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


def _of_link(run: RunView, plot: Plot) -> tuple[Item, ...]:
    """Which share of the link's limit that is; memory's stands in its own panel."""
    if run.started is None or run.started.moves_over != "host-link" or not plot.limit or run.bytes_per_s is None:
        return ()
    return (item("", f"{whole_percent(100 * run.bytes_per_s / plot.limit)} of the link", slot=16),)


def _progress(run: RunView) -> tuple[Item, ...]:
    name = "request" if run.kind == "requests" else "step"
    items = [] if run.loss is None else [item("loss", loss_text(run.loss), slot=12)]
    items.append(item(name, count(run.steps) if run.steps else shown(None, count), slot=14))
    return tuple(items)


def _held_out(run: RunView) -> tuple[Item, ...]:
    if run.bits_per_byte is not None:
        return (item("held out", f"{run.bits_per_byte:.3f} bits/byte", slot=25),)
    if run.accuracy is None:
        return ()
    share = f"{100 * run.accuracy:.1f} %"
    of = f" of {run.accuracy_samples:,}" if run.accuracy_samples else ""
    return (Item(item("accuracy", share + of).row, 22, (item("accuracy", share).row, item("acc", share).row)),)


def _plot(view: View, run: RunView, gpu: int) -> Plot:
    """The run's course against the limit of all its devices."""
    started = run.started
    series, limit, text = view.throughput, None, axis_text
    if started is not None:
        each, most = started.flops_per_unit, started.limit_flops_per_s
        if started.unit in FLOPS:
            # Units of different cases cost differently: what was computed is summed up where each cost is known.
            series, limit = scaled(series, each) if run.case is None else view.flops_per_s, most
        elif started.unit in BYTES:
            series, text, limit = view.bytes_per_s, axis_bytes, _bytes_limit(view, started, gpu)
        else:
            limit = most / each if most and each else None
            if run.tokens_per_s and run.samples_per_s:
                tokens = run.tokens_per_s / run.samples_per_s
                series, limit = scaled(series, tokens), limit * tokens if limit else None
    limit = limit * run.devices if limit else None
    return Plot(curves=(Curve(series, "throughput"),), text=text, limit=limit, empty="no work done yet")


def _bytes_limit(view: View, started: RunStarted, gpu: int) -> float | None:
    """Of what the bytes of the run move over, where the device says it; of one device."""
    facts = view.gpus[gpu].facts if view.gpus and started.device != "cpu" else None
    if facts is None or started.moves_over == "ranks":
        return None
    return link_limit_bytes_per_s(facts) if started.moves_over == "host-link" else facts.dram_limit_bytes_per_s
