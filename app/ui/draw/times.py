"""The time panel: how long a step or a request takes, how that spreads, and what the time goes to."""

from __future__ import annotations

import msgspec

from app.session.live.view import Parts, Quantiles, RunView, Told, View
from app.session.results.carried import carries
from app.text.numbers import rate
from app.text.work import MODELS
from app.ui.draw.bars import share_bars
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers
from app.ui.draw.items import Item, item
from app.ui.draw.labels import DASH, TimeUnit, time_unit, whole_percent
from app.ui.draw.rows import Row, padded
from app.ui.draw.throughput import NO_RUN, phased

PARTS = (
    ("wait", "data_wait", "part-wait"),
    ("h2d", "h2d", "part-h2d"),
    ("fwd", "forward", "part-forward"),
    ("bwd", "backward", "part-backward"),
    ("comm", "comm", "part-comm"),
    ("opt", "optimizer", "part-optimizer"),
)
"""Name on the screen, field of Parts, style; in the order in which a step does them."""

OUTLIER = 10
"""Times the largest measured time: a first step that compiles for half a minute would lay all others on the axis."""

SMALLEST_OTHER = 0.01
"""Part of the time from which what is in no part is told."""


def time_content(view: View) -> Content:
    """Steps or requests of the present run. The quantiles are of its measure phases."""
    run = view.current or NO_RUN
    unit = time_unit(_typical(view, run))
    return Content(
        title=phased("Latency" if run.kind == "requests" else "Step time", run),
        note=_counted(run),
        head=numbers(_quantiles(run.times, unit)),
        feet=(*_feet(run, unit), *_good(run, view.slo)),
        plot=Plot(
            curves=(Curve(view.time_p50, "time", "band", view.time_p99),),
            text=unit.axis,
            most=None if run.times is None else OUTLIER * run.times.largest,
            empty="nothing timed yet",
        ),
    )


def _typical(view: View, run: RunView) -> float:
    """A time that says which unit reads well."""
    if run.times is not None:
        return run.times.p50
    seen = (value for value in reversed(view.time_p50.values if view.time_p50 else ()) if value is not None)
    return next(seen, 1e6)


def _counted(run: RunView) -> str:
    if run.times is None:
        return "once measuring" if run.phase == "warmup" else ""
    ranks = f" of {len(run.ranks)} ranks" if run.ranks else ""
    one = "request" if run.kind == "requests" else "step"
    return f"of {run.times.count:,} {one}{'' if run.times.count == 1 else 's'}{ranks}"


def _quantiles(times: Quantiles | None, unit: TimeUnit) -> tuple[Item, ...]:
    """The unit stands once, after the first number. A percentile that so few samples do not carry is a dash."""
    if times is None:
        return tuple(item(name, DASH, slot=9) for name in ("p50", "p95", "p99", "max"))
    median = Item((("█ ", "time"), ("p50 ", "label"), (f"{unit.text(times.p50)} {unit.name}", "big")), slot=14)
    tails = (("p95", 0.95, times.p95), ("p99", 0.99, times.p99))
    shown = ((name, unit.text(value) if carries(times.count, share) else DASH) for name, share, value in tails)
    return (median, *(item(name, text, slot=9) for name, text in shown), item("max", unit.text(times.largest), slot=9))


def _feet(run: RunView, unit: TimeUnit) -> tuple[NumberRow, ...]:
    """What a step's time goes to, and its mean; of requests, how their text was told.

    Rows stay while their numbers are away, as between two phases, so that the chart keeps its height.
    """
    if run.kind == "requests":
        return () if run.told is None else _told(run.told, run.decode_fraction)
    parts = run.parts or Parts()
    mean = numbers(_mean(parts, unit))
    of_samples = run.started is None or run.started.unit in MODELS
    if not (of_samples or _known(parts)):
        return (mean,)
    return (_parts_row(parts), *_ranks_row(run, unit), mean)


def _told(told: Told, fraction: float | None) -> tuple[NumberRow, ...]:
    """Text: the median TTFT and TPOT, the gaps, and how near decode comes to what the memory gives."""
    first = _timed("TTFT p50", told.ttft.p50)
    each = () if told.tpot is None else (_timed("TPOT p50", told.tpot.p50),)
    gaps = () if told.itl is None else (_tail("ITL p99", told.itl), _timed("max", told.itl.largest))
    rows = [numbers((first, *each, *gaps))]
    if told.decode_bytes_per_s is not None:
        of = f" {whole_percent(100 * fraction)} of measured" if fraction is not None else ""
        rows.append(numbers((item("decode reads", f"{rate(told.decode_bytes_per_s)}{of}"),)))
    return tuple(rows)


def _tail(name: str, times: Quantiles) -> Item:
    """The 99th percentile, once there are samples enough for it."""
    return _timed(name, times.p99) if carries(times.count, 0.99) else item(name, DASH, slot=len(name) + 10)


def _timed(name: str, nanoseconds: float) -> Item:
    unit = time_unit(nanoseconds)
    return item(name, f"{unit.text(nanoseconds)} {unit.name}", slot=len(name) + 10)


def _ranks_row(run: RunView, unit: TimeUnit) -> tuple[NumberRow, ...]:
    """Of several ranks the one with the most work of its own a step, which the others wait for."""
    if run.started is None or run.started.ranks == 1:
        return ()
    found = run.slowest
    if found is None:
        return (numbers((item("slowest rank", DASH),)),)
    own, median = f"{unit.text(found.own)} {unit.name}", unit.text(found.median)

    def row(slowest: str, gap: str) -> Row:
        return ((slowest, "label"), (own, "value"), (f"{gap}median ", "label"), (median, "value"))

    brief = row(f"slowest {found.rank}: ", " ")
    return (numbers((Item(row(f"slowest rank {found.rank}: ", "  "), 0, (brief,)),)),)


def _good(run: RunView, slo: str) -> tuple[NumberRow, ...]:
    """Which part of the requests met the session's objective."""
    if not slo or run.kind != "requests":
        return ()
    share = DASH if run.good is None else f"{100 * run.good.share:.1f} %"
    return (numbers((item("good", share, slot=13), item("of", slo))),)


def _known(parts: Parts) -> list[tuple[str, float, str]]:
    """Name, nanoseconds and style of the parts that were measured. Communication is a part of backward."""
    if parts.backward is not None and parts.comm is not None:
        parts = msgspec.structs.replace(parts, backward=parts.backward - parts.comm)
    amounts = ((name, getattr(parts, field), style) for name, field, style in PARTS)
    return [(name, amount, style) for name, amount, style in amounts if amount is not None]


def with_other(known: list[tuple[str, float, str]], whole: float) -> list[tuple[str, float, str]]:
    """The parts of a time, and what of it is in none of them, where that is worth a word."""
    other = whole - sum(amount for _, amount, _ in known)
    return [*known, ("other", other, "label")] if other > SMALLEST_OTHER * whole else known


def _parts_row(parts: Parts) -> NumberRow:
    """The parts that there are; what of a step is in none of them is `other`."""
    known = _known(parts)
    if not known:
        return numbers((item("parts", DASH),))
    shares = with_other(known, parts.wall)

    def draw(width: int) -> Row:
        return padded(share_bars(shares, width), width)

    return draw


def _mean(parts: Parts, unit: TimeUnit) -> tuple[Item, ...]:
    mean = item("mean", f"{unit.text(parts.wall)} {unit.name}" if parts.wall else DASH, slot=14)
    if parts.device is None:
        return (mean,)
    return (mean, item("on the device", f"{unit.text(parts.device)} {unit.name}", slot=23))
