"""The roofline screen's one panel: the picture, under it the runs as a table, and what is to be known of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.text.numbers import flops, significant
from app.ui.draw.box import box, inner_width
from app.ui.draw.items import Item, items_row
from app.ui.draw.labels import fraction_percent, shown
from app.ui.draw.roofline_chart import roofline_rows
from app.ui.draw.roofline_content import RooflineContent, Spot
from app.ui.draw.rows import Row, clipped, row_width, text_row

SHORTEST_PICTURE = 7
"""Rows that the table leaves to the picture."""
NOTES = 2
"""Rows of words under the table."""
ROOM_FOR_NOTES = SHORTEST_PICTURE + NOTES
NOT_TRAFFIC = (
    "FLOP/byte counts the bytes that operators ask for, not DRAM traffic: caches can lift a run above the slope",
    "bytes are those that operators ask for, not DRAM traffic; caches can lift a run above the slope",
    "bytes are those operators ask for, not DRAM traffic",
)
NOT_MEASURED = (
    "nothing measured this device yet: `benchtop run probe` measures its roof",
    "`benchtop run probe` measures the roof",
)
SHARE, SHORT_SHARE = 15, 7
"""Cells of the share of the roof with the part of the roof that a run lies under, and without."""
NO_RUNS = "no run with FLOPs and bytes yet"


def draw_roofline(content: RooflineContent, width: int, height: int, first: int | None = None) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells; the table starts with run `first`, None: to show the present one."""
    inner, rows = inner_width(width), max(0, height - 2)
    notes = [
        text_row(_fitting(_source(content), inner), "label"),
        text_row(_fitting(NOT_TRAFFIC, inner), "label"),
    ]
    notes = notes if rows >= ROOM_FOR_NOTES else []
    start = following(content, height) if first is None else min(first, last_first(content, height))
    table = _table(content.spots, inner, _table_rows(rows), start)
    picture = roofline_rows(content, inner, max(0, rows - len(notes) - len(table)))
    body = [clipped(row, inner) for row in (*picture, *table, *notes)]
    title = f"Roofline {content.device_name}" if content.device_name else "Roofline"
    place = f"{content.place + 1} of {content.devices} · " if content.devices > 1 else ""
    return box(body, title, f"{place}FLOP/s over FLOP/byte", width, height, focused=True)


def following(content: RooflineContent, height: int) -> int:
    """The run that the table starts with while nobody scrolls it: the first, or so that the present one is seen."""
    present = next((place for place, spot in enumerate(content.spots) if spot.present), 0)
    return min(max(0, present - _table_rows(max(0, height - 2)) + 3), last_first(content, height))


def last_first(content: RooflineContent, height: int) -> int:
    """The largest `first` with which the table of a panel of this height is still full."""
    return max(0, len(content.spots) - max(1, _table_rows(max(0, height - 2)) - 2))


def _table_rows(rows: int) -> int:
    """Rows that the table may take of those between the borders."""
    notes = NOTES if rows >= ROOM_FOR_NOTES else 0
    return max(0, min(rows - notes - SHORTEST_PICTURE, rows // 2))


def _table(spots: Sequence[Spot], width: int, height: int, first: int) -> list[Row]:
    """A head and a row for each run; where `height` rows do not hold them, the last one says how many are not shown."""
    if height < 2:
        return []
    if not spots:
        return [text_row(NO_RUNS, "label")]
    names = max(len(spot.workload) for spot in spots)
    room = height - 1 if len(spots) < height else max(1, height - 2)
    shown_spots = spots[first : first + room]
    rows = [_head(names, width), *(_run(spot, names, width) for spot in shown_spots)]
    before, after = first, len(spots) - first - len(shown_spots)
    if (before or after) and len(rows) < height:
        words = (f"{before} before" if before else "", f"{after} after" if after else "")
        rows.append(text_row(f"     {', '.join(filter(None, words))}  ↑↓", "label"))
    return rows


def _head(names: int, width: int) -> Row:
    words = Item(((f"{'of the roof':>{SHARE}}", "label"),), 0, (((f"{'of roof':>{SHORT_SHARE}}", "label"),),))
    return items_row((*_front(("run", "", "FLOP/byte", "FLOP/s"), names, "label", "label"), words), width)


def _run(spot: Spot, names: int, width: int) -> Row:
    """A run; what part of the roof it lies under, and its precision, go first where there is no room."""
    share = shown(spot.share, fraction_percent)
    under = f"{share} {spot.bound}" if spot.bound else share
    part = Item(((f"{under:>{SHARE}}", "value"),), 0, (((f"{share:>{SHORT_SHARE}}", "value"),),))
    devices = f", each of {spot.devices} devices" if spot.devices > 1 else ""
    precision = Item(((spot.precision, "label"), (devices, "label")), 0, (((spot.precision, "label"),),))
    words = str(spot.run), spot.workload, significant(spot.intensity), flops(spot.flops_per_s)
    front = _front(words, names, "mark" if spot.present else "big", "value")
    return items_row((*front, part, precision), width)


def _front(words: tuple[str, str, str, str], names: int, run_style: str, style: str) -> tuple[Item, ...]:
    """Run, workload, intensity and FLOP/s, which every width has; numbers stand to the right, words to the left."""
    run, name, intensity, per_s = words
    return (
        Item(((f"{run:>3}", run_style),)),
        Item(((f"{name:<{names}}", style),)),
        Item(((f"{intensity:>9}", style),)),
        Item(((f"{per_s:>13}", style),)),
    )


def _source(content: RooflineContent) -> tuple[str, ...]:
    """Where the roof comes from."""
    roofline = content.roofline
    if roofline is None:
        return NOT_MEASURED
    dotted = "; dotted: data sheet" if content.published or content.dram_limit_bytes_per_s else ""
    if not roofline.session:
        rest = f", the rest by {roofline.filled_from}" if roofline.filled_from else ""
        whole = f"lines: the roof as this session's probes measured it{rest}"
        return (whole + dotted, whole, "roof measured in this session")
    rest = f" and {roofline.filled_from}" if roofline.filled_from else ""
    day = f"{datetime.fromtimestamp(roofline.wall_ns / 1e9):%Y-%m-%d}" if roofline.wall_ns else ""
    return (
        f"lines: the roof as measured by {roofline.session}{rest}{dotted}",
        f"roof measured by {roofline.session}{rest}",
        f"roof measured by {roofline.session}",
        f"roof measured {day}".rstrip(),
    )


def _fitting(texts: Sequence[str], width: int) -> str:
    """The longest that fits, which is the first; nothing where none does."""
    return next((text for text in texts if row_width(text_row(text)) <= width), "")
