"""A profile in rows: the operators with the most own time as bars, and when the device was idle."""

from __future__ import annotations

from app.text.evidence import time_text
from app.text.numbers import bytes_text, counted, percent
from app.ui.draw.bars import bar
from app.ui.draw.rows import Row, clipped, merged, padded
from workloads.wire.frames import Operator, Profile

MOST_OPERATORS = 10
MOST_GAPS = 5
LONGEST_NAME = 44
BAR_CELLS = 24
NUMBER_CELLS, HOST_CELLS = 25, 11
"""Cells of a row besides name and bar, and of the host's time where the device has its own."""
TIMELINE_CELLS = 100
BUSY, IDLE = "█", "░"


def profile_rows(profile: Profile, width: int) -> list[Row]:
    """What was profiled, where it is kept, its operators and its gaps; rows are `width` cells or fewer."""
    rows = [clipped(_head(profile), width)]
    if profile.reason:
        rows.append(clipped(((f"  {profile.reason}", "warning"),), width))
    if profile.operators:
        rows += _operators(profile.operators[:MOST_OPERATORS], width)
    if profile.gaps and profile.window_ns > 0:
        rows += _gaps(profile, width)
    return rows


def _head(profile: Profile) -> Row:
    """`10 steps in 120 ms  device busy 67.5 %  profile-1.json.gz 3.24 MiB, for Perfetto`."""
    took = f" in {time_text(profile.window_ns)}" if profile.window_ns else ""
    pieces: list[tuple[str, str]] = [(counted(profile.steps, "step") + took, "value")]
    if profile.device_busy_ns is not None and profile.window_ns:
        busy = percent(100 * profile.device_busy_ns / profile.window_ns)
        pieces += [("  device busy ", "label"), (busy, "value")]
    if profile.file:
        pieces += [(f"  {profile.file} ", "value"), (f"{bytes_text(profile.size_bytes)}, for Perfetto", "label")]
    return merged(pieces)


def _operators(operators: tuple[Operator, ...], width: int) -> list[Row]:
    """Bars of own time, on the device where there is one."""
    on_device = any(each.device_ns is not None for each in operators)
    times = [(each.device_ns or 0) if on_device else each.host_ns for each in operators]
    largest = max(times) or 1
    numbers = NUMBER_CELLS + (HOST_CELLS if on_device else 0)
    names = min(LONGEST_NAME, max(22, *(len(each.name) for each in operators)), max(12, width - numbers - 10))
    bars = max(4, min(BAR_CELLS, width - names - numbers))
    where = "device" if on_device else "host"
    header = f"  {'operator, by own time':<{names}}  {'':<{bars}}  {where:>9}  {'calls':>8}"
    header += f"  {'host':>9}" if on_device else ""
    rows = [clipped(((header, "label"),), width)]
    for each, time in zip(operators, times, strict=True):
        row: list[tuple[str, str]] = [("  ", ""), *padded(clipped(((each.name, "value"),), names), names), ("  ", "")]
        row += padded(((bar(time / largest, bars), "device" if on_device else "time"),), bars)
        row += [(f"  {time_text(time):>9}  {each.calls:>8,}", "value")]
        row += [(f"  {time_text(each.host_ns):>9}", "label")] if on_device else []
        rows.append(clipped(merged(row), width))
    return rows


def _gaps(profile: Profile, width: int) -> list[Row]:
    """The window as a strip, blank where the device was idle longest, and how long that was."""
    cells = max(1, min(TIMELINE_CELLS, width - 10))
    strip = [(BUSY, "device")] * cells
    for begin, length in profile.gaps:
        first = max(0, min(cells - 1, int(begin / profile.window_ns * cells)))
        last = max(first + 1, min(cells, round((begin + length) / profile.window_ns * cells)))
        strip[first:last] = [(IDLE, "axis")] * (last - first)
    longest = sorted(profile.gaps, key=lambda gap: -gap[1])[:MOST_GAPS]
    told = ", ".join(f"{time_text(length)} at {time_text(begin)}" for begin, length in longest)
    return [
        clipped(merged((("  idle  ", "label"), *strip)), width),
        clipped(((f"        longest: {told}", "label"),), width),
    ]
