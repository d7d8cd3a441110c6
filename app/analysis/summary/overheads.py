"""benchtop's own cost in a session: what its processes took from the machine that they measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from app.text.numbers import percent, rate
from workloads.wire.frames import Overhead

SMALL = 0.001


class ProcessCost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All processes of one role."""

    processes: int
    cpu_s: float
    """Together."""
    core_fraction: float
    """Their processor time ÷ the time that they ran: of one core, and of the mean of them."""


class OverheadReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """None: no process of that kind told of its cost; one that was killed loses its last seconds."""

    conductor: ProcessCost | None = None
    sampler: ProcessCost | None = None
    viewer: ProcessCost | None = None
    """The screens and progress lines that followed the session."""
    bytes_to_terminal: int | None = None
    terminal_bytes_per_s: float | None = None
    worker: ProcessCost | None = None
    """The threads in workers that pack and send what was measured; `core_fraction` is of the workers' time."""
    rows: int | None = None
    """Steps and requests that those sent."""


def overhead_report(overheads: Sequence[Overhead]) -> OverheadReport | None:
    """Of the last words of each process; None without any."""
    if not overheads:
        return None
    shown = [each for each in overheads if each.bytes_to_terminal is not None]
    sent = sum(each.bytes_to_terminal or 0 for each in shown) if shown else None
    seconds = sum(each.wall_s for each in shown)
    rows = [each.rows for each in overheads if each.rows is not None]
    return OverheadReport(
        conductor=_cost(overheads, "conductor"),
        sampler=_cost(overheads, "sampler"),
        viewer=_cost(overheads, "viewer"),
        bytes_to_terminal=sent,
        terminal_bytes_per_s=sent / seconds if sent is not None and seconds else None,
        worker=_cost(overheads, "worker"),
        rows=sum(rows) if rows else None,
    )


def overhead_text(report: OverheadReport) -> str:
    """`conductor 0.4 % of a core, sampler 1.1 %, viewer 2.3 %, 1.3 kB/s to the terminal; in the worker 0.02 % …`."""
    parts = ", ".join(_beside(report))
    if report.worker is None:
        return parts
    inside = f"in the worker {_share(report.worker.core_fraction)} of its time"
    return f"{parts}; {inside}" if parts else inside


def _beside(report: OverheadReport) -> Iterator[str]:
    of = " of a core"
    for name, cost in (("conductor", report.conductor), ("sampler", report.sampler), ("viewer", report.viewer)):
        if cost is not None:
            yield f"{name} {_share(cost.core_fraction)}{of}"
            of = ""
    if report.terminal_bytes_per_s is not None:
        yield f"{rate(report.terminal_bytes_per_s)} to the terminal"


def _share(fraction: float) -> str:
    """Small shares are the usual ones here, and 0.0 % would be no number."""
    return percent(fraction * 100) if fraction >= SMALL else f"{fraction * 100:.1g} %"


def _cost(overheads: Sequence[Overhead], role: str) -> ProcessCost | None:
    ours = [each for each in overheads if each.role == role]
    seconds = sum(each.wall_s for each in ours)
    if not seconds:
        return None
    cpu_s = sum(each.cpu_s for each in ours)
    return ProcessCost(processes=len(ours), cpu_s=cpu_s, core_fraction=cpu_s / seconds)
