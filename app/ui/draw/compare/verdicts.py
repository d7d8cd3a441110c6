"""The verdicts: a row for each metric, with the mean of both sides, the change, its interval, and what it comes to."""

from __future__ import annotations

from typing import Final

from app.session.results.comparison import MetricComparison, Pair, Verdict
from app.text.compared import metric_cells
from app.text.numbers import percent
from app.ui.draw.rows import Row, clipped, row_width, text_row

STYLES: Final[dict[Verdict, str]] = {"better": "good", "worse": "failure", "same": "value", "cannot tell": "label"}
SIGNS: Final[dict[Verdict, str]] = {"better": "▲", "worse": "▼", "same": "=", "cannot tell": "?"}


def verdict_rows(pair: Pair, within: float, width: int) -> list[Row]:
    """The table under its head; where it is narrow the means are left out, and then the intervals."""
    if not pair.metrics:
        return [text_row("no metric that both have", "label")]
    cells = [_cells(metric, within) for metric in pair.metrics]
    head = ("", pair.base_label, pair.other_label, "change", "95 % interval")
    table = [head, *(row[:5] for row in cells)]
    wide = [max(len(row[column]) for row in table) for column in range(5)]
    verdicts = max(len(row[5]) for row in cells) + 2
    shown = [0, 1, 2, 3, 4]
    for left_out in ((1, 2), (4,)):
        if sum(wide[column] + 2 for column in shown) - 2 + verdicts > width:
            shown = [column for column in shown if column not in left_out]
    rows = [_row(head, wide, shown, "label", ("", ""))]
    for metric, row in zip(pair.metrics, cells, strict=True):
        words = (f"  {SIGNS[metric.verdict]} {row[5]}", STYLES[metric.verdict])
        rows.append(_row(row, wide, shown, "value", words))
    whys = dict.fromkeys(metric.why for metric in pair.metrics if metric.why)
    rows += [text_row(f"? {why}", "note") for why in whys]
    return [clipped(row, width) if row_width(row) > width else row for row in rows]


def _cells(metric: MetricComparison, within: float) -> tuple[str, ...]:
    words = f"same ±{percent(100 * within)}" if metric.verdict == "same" else metric.verdict
    return (*metric_cells(metric), words)


def _row(cells: tuple[str, ...], wide: list[int], shown: list[int], style: str, last: tuple[str, str]) -> Row:
    pieces = [(f"{cells[0]:<{wide[0]}}", "label")]
    pieces += [(f"  {cells[column]:>{wide[column]}}", style) for column in shown if column]
    return (*pieces, last) if last[0] else tuple(pieces)
