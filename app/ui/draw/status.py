"""The lines around the panels: status, notice, plan and keys, each one row of exactly the asked width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from app.session.live.view import DeviceView, RunView, View
from app.text.numbers import bytes_text, duration, milliseconds
from app.text.work import work_text
from app.ui.draw.clock import clock_text
from app.ui.draw.content import value_of
from app.ui.draw.items import GAP, Item, item, items_row, natural_width
from app.ui.draw.look import State
from app.ui.draw.rounds import rounds_row
from app.ui.draw.rows import Row, clipped, merged, padded, row_width, trimmed
from app.ui.draw.signs import SIGNS
from app.ui.draw.throughput import PHASES, count_rate

MOST_RUNS = 3
"""Runs named one by one in the status; of more, the present one is counted."""


def status_row(
    view: View,
    frozen_ns: int | None,
    width: int,
    zone: tzinfo | None = None,
    round_trip_s: float | None = None,
    *,
    looked: State = "live",
) -> Row:
    """` benchtop  train/digits ✓ ▸ infer/digits   measure 00:42    NVIDIA H200 · 62 °C · 512 W    4.2 MiB saved`.

    `round_trip_s` is of a bad line, and None of a good one; `looked` says how the charts are looked at.
    """
    items = [Item(((" benchtop", "program"),))]
    if frozen_ns is not None:
        items.append(Item(((f" FROZEN at {clock_text(view, frozen_ns, zone)} ", "mark"),)))
    elif looked == "all":
        items.append(Item(((" ALL ", "mark"),)))
    phase = _phase(view)
    after: tuple[Item, ...] = (item("", phase, slot=15),) if phase else ()
    if round_trip_s is not None:
        after += (item("", f"round trip {round_trip_s:.1f} s", style="warning"),)
    saved = f"{bytes_text(view.saved_bytes)} saved " if view.saved_bytes else ""
    # Where the runs so far leave no room for what goes on now, the present one stands for them.
    fitting = (runs for runs in _runs(view) if natural_width((*items, runs, *after)) + GAP + len(saved) <= width)
    items += [next(fitting, None) or _runs(view)[-1], *after, *_devices(view), *_clock(view)]
    if looked == "live" and view.played is None and view.state in ("starting", "running"):
        items.append(item("", "live", style="label"))
    return items_row(items, width, saved)


def _runs(view: View) -> tuple[Item, ...]:
    """The runs by name as far as they have come, if they are few; and shorter, the present one with its number."""
    reached = [run for run in view.runs if run.state != "planned"]
    current = view.current or (reached[-1] if reached else None)
    if current is None:
        return (Item(((view.name, "value"),)),)
    counted = Item(((f"{current.run} of {len(view.runs)} ", "label"), *_named(current)))
    if len(reached) > MOST_RUNS:
        return (counted,)
    pieces: list[tuple[str, str]] = []
    for run in reached:
        pieces += [(" ▸ " if pieces else "", "label"), *_named(run)]
    return (Item(merged(pieces)), counted if len(reached) > 1 else Item(_named(current)))


def _named(run: RunView) -> Row:
    if run.state in ("running", "starting"):
        return ((_name(run), "value"),)
    sign, style = SIGNS[run.state]
    return ((f"{_name(run)} ", "value"), (sign, style))


def _phase(view: View) -> str:
    """What goes on and for how long, or how it ended."""
    run = view.current
    if view.catching_up is not None:
        return f"reading {view.catching_up * 100:.0f} %"
    if view.state not in ("starting", "running"):
        return view.state
    if run is None or run.state not in ("starting", "running"):
        return "starting" if view.state == "starting" or run is None else ""
    if run.phase is None or run.phase_began_ns is None:
        # A program of the user's goes on long before it trains, and may never do.
        return "starting" if run.started is None else f"running {duration((view.now_ns - run.started.at_ns) / 1e9)}"
    seconds = run.measured_s if run.phase == "measure" else (view.now_ns - run.phase_began_ns) / 1e9
    return f"{PHASES[run.phase]} {duration(seconds)}"


def _devices(view: View) -> tuple[Item, ...]:
    if not view.gpus:
        return ()
    own = view.gpus[view.own_gpu or 0]
    facts = _facts(own)
    name = own.facts.name if own.facts else "GPU"
    many = f"{len(view.gpus)} × " if len(view.gpus) > 1 else ""
    return (item("", " · ".join((f"{many}{name}", *facts))),)


def _clock(view: View) -> tuple[Item, ...]:
    """How well the clock of another host is known; nothing where there is one clock."""
    if view.clock_error_ns is None:
        return ()
    return (item("clock", f"±{milliseconds(view.clock_error_ns / 1e6)}"),)


def _facts(device: DeviceView) -> list[str]:
    readings = ((value_of(device, "temperature_c"), "°C"), (value_of(device, "power_w"), "W"))
    return [f"{value:.0f} {unit}" for value, unit in readings if value is not None]


def notice_row(view: View, width: int) -> Row:
    """The most urgent thing to know; blank when there is none. A failure of a run comes before a notice, and the first
    one before those that may only follow from it.
    """
    failed = [run for run in view.runs if run.state == "failed" and run.message]
    said = list(view.notices)
    if view.state == "lost":
        said.insert(0, "the conductor is gone: what it had recorded is kept, and nothing more comes")
    said = [*(f"{run.workload}: {run.message}" + (f"; {run.remedy}" if run.remedy else "") for run in failed), *said]
    if not said:
        return padded((), width)
    style, sign = ("failure", "✗") if failed or view.state == "lost" else ("warning", "⚠")
    more = f"  and {len(said) - 1} more" if len(said) > 1 else ""
    return merged((*clipped(((f" {sign} {said[0]}", style),), max(0, width - len(more))), (more[:width], "label")))


def plan_row(view: View, width: int, zone: tzinfo | None = None) -> Row:
    """` plan  1 train/digits ✓ 98.1 %   2 infer/digits ▶   │ log  12:04:41 epoch 3 …`."""
    log = _log_pieces(view, zone)
    room = max(width // 2, width - row_width(log) - GAP) if log else width
    left = trimmed(rounds_row(view, room) if view.variants else items_row(_plan_items(view, room), room))
    gap = " " * GAP if left and log else ""
    return merged((*left, (gap, ""), *clipped(log, max(0, width - row_width(left) - len(gap)))))


def _plan_items(view: View, width: int) -> tuple[Item, ...]:
    """All runs; where they do not fit, those that are over give way before the present one does."""
    if not view.runs:
        return ()
    planned = [_planned(run) for run in view.runs]
    present = next((place for place, run in enumerate(view.runs) if view.current and run.run == view.current.run), 0)
    for first in range(present + 1):
        items = (Item((((" plan …" if first else " plan"), "label"),)), *planned[first:])
        if natural_width(items) <= width:
            break
    return items


def _planned(run: RunView) -> Item:
    sign, style = SIGNS[run.state]
    result = ""
    if run.accuracy is not None:
        result = f" {100 * run.accuracy:.1f} %"
    elif run.bits_per_byte is not None:
        result = f" {run.bits_per_byte:.3f} bits/byte"
    elif run.state == "done":
        worked = work_text(run, count_rate)
        result = f" {worked}" if worked else ""
    return Item(((f"{run.run} ", "label"), (f"{_name(run)} ", "value"), (sign, style), (result, "value")))


def _name(run: RunView) -> str:
    return run.title or run.workload


def _log_pieces(view: View, zone: tzinfo | None) -> Row:
    if not view.log:
        return ()
    line = view.log[-1]
    style = {"warning": "warning", "error": "failure"}.get(line.level, "value")
    sign = {"warning": "⚠ ", "error": "✗ "}.get(line.level, "")
    return ((f"│ log  {clock_text(view, line.at_ns, zone)} ", "label"), (f"{sign}{line.text}", style))


def keys_row(entries: Sequence[tuple[str, str]], width: int) -> Row:
    """` q quit  space freeze  …`: what does not fit is left out from the right."""
    items = [
        Item((((" " if not number else "") + key, "key"), (f" {label}", "label")))
        for number, (key, label) in enumerate(entries)
    ]
    return items_row(items, width)
