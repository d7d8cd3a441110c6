"""The roofline as a picture: FLOP/s over FLOP/byte, both logarithmic; the roof as lines, runs as numbered crosses.

Measured roofs are whole lines, a data sheet's are dotted ones. Each flat line bears its precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from app.session.roofs.roofline import Roofline
from app.text.numbers import flops, rate
from app.ui.draw.braille import Span
from app.ui.draw.chart import LABEL_WIDTH, line_spans, plot_width
from app.ui.draw.grid import Grid
from app.ui.draw.labels import axis_text
from app.ui.draw.log_axis import LogAxis, is_sound, log_axis
from app.ui.draw.roofline_content import RooflineContent, Spot
from app.ui.draw.rows import Row, blank, merged, text_row

CROSS = "×"
INTENSITIES, RATES = (0.1, 1_000.0), (1e9, 1e12)
"""The axes when there is nothing to put on them."""
DOTTED = 4
"""A dotted line has a dot in every so manieth column."""
X_TITLE = "FLOP/byte"
MOST_TRIES = 4
"""Places from the right edge to the left at which the name of a line is tried."""

_NOTHING = Roofline(device_name="", host="", kind="cpu")


def roofline_rows(content: RooflineContent, width: int, height: int) -> tuple[Row, ...]:
    """`height` rows of exactly `width` cells; the last one is the x axis. At least 2 rows."""
    plot = plot_width(width)
    if height < 2 or plot < 2:
        return tuple(blank(width) for _ in range(height))
    picture = _Picture(_sound(content), plot, height - 1)
    picture.draw()
    margin = width - plot
    labels = _y_labels(picture.y, height - 1)
    rows = [
        merged(((f"{labels.get(y, ''):>{margin - 1}} " if margin else "", "axis"), *picture.grid.row(y)))
        for y in range(height - 1)
    ]
    return (*rows, text_row(" " * margin + _x_labels(picture.x, plot), "axis"))


class _Picture:
    """One drawing of sound numbers, from the lines that lie lowest to the words on top."""

    def __init__(self, content: RooflineContent, width: int, height: int) -> None:
        self._content = content
        self._roof = content.roofline or _NOTHING
        self.x, self.y = axes(content)
        self.grid = Grid(width, height)

    def draw(self) -> None:
        """All of it."""
        peaks, limits = self._roof.flops_per_s, self._content.published
        bandwidth, most = self._roof.bytes_per_s, self._content.dram_limit_bytes_per_s
        if most:
            self._slope(most, max(limits.values(), default=None), "limit", DOTTED)
        for limit in limits.values():
            self._flat(limit, most, "limit", DOTTED)
        if bandwidth:
            self._slope(bandwidth, max(peaks.values(), default=None), "memory")
        for peak in peaks.values():
            self._flat(peak, bandwidth, "throughput")
        self._spots()
        for precision, peak in sorted(peaks.items(), key=lambda each: -each[1]):
            self._name_flat(peak, f"{precision} {flops(peak)}", "throughput")
        if bandwidth:
            self._name_slope(bandwidth, rate(bandwidth), "memory")
        for limit in sorted(set(limits.values()), reverse=True):
            alike = ", ".join(precision for precision in limits if limits[precision] == limit)
            self._name_flat(limit, f"data sheet {alike} {flops(limit)}", "limit", 1)
        if most:
            self._name_slope(most, f"DRAM limit {rate(most)}", "limit")

    def _slope(self, bandwidth: float, peak: float | None, style: str, every: int = 1) -> None:
        """The memory's part of the roof, up to the highest flat."""
        dots: list[int | None] = []
        for column in range(2 * self.grid.width):
            reached = bandwidth * self.x.value(column / (2 * self.grid.width - 1))
            beyond = (peak is not None and reached > peak) or column % every
            dots.append(None if beyond else self._dot(reached))
        self.grid.draw(line_spans(dots) if every == 1 else [_single(dot) for dot in dots], style)

    def _flat(self, peak: float, bandwidth: float | None, style: str, every: int = 1) -> None:
        """The arithmetic's part of the roof, from its ridge to the right; all across where there is no slope."""
        first = 0 if not bandwidth else self._column(peak / bandwidth)
        dot = self._dot(peak)
        spans = [
            _single(dot) if column >= first and not column % every else None for column in range(2 * self.grid.width)
        ]
        self.grid.draw(spans, style)

    def _spots(self) -> None:
        """Crosses first, so that no number hides one; runs of one cell share a cross and name each other."""
        cells: dict[tuple[int, int], list[Spot]] = {}
        for spot in self._content.spots:
            cell = self._cell(spot.intensity, spot.flops_per_s)
            if cell is not None:
                cells.setdefault(cell, []).append(spot)
        for (x, y), spots in cells.items():
            self.grid.write(x, y, CROSS, _style(spots))
        for (x, y), spots in cells.items():
            text = ",".join(str(spot.run) for spot in spots)
            around = ((x + 1, y), (x - len(text), y), (x, y - 1), (x, y + 1), (x + 1, y - 1), (x + 1, y + 1))
            self.grid.write_first(around, text, _style(spots))

    def _name_flat(self, peak: float, text: str, style: str, tries: int = MOST_TRIES) -> None:
        """At the right end, over the line, on it or under it; further to the left when that is taken."""
        dot = self._dot(peak)
        if dot is None:
            return
        row = self.grid.height - 1 - dot // 4
        right = self.grid.width - len(text)
        places = ((right - step * (len(text) + 1), row + by) for step in range(tries) for by in (-1, 0, 1))
        self.grid.write_first(places, text, style)

    def _name_slope(self, bandwidth: float, text: str, style: str) -> None:
        """Left of the line and above it, where no run can be; as low as there is room."""
        self.grid.write_first(self._beside(bandwidth, len(text)), text, style)

    def _beside(self, bandwidth: float, length: int) -> Iterator[tuple[int, int]]:
        for y in range(self.grid.height - 1, -1, -1):
            upper = self.y.value((4 * (self.grid.height - y)) / (4 * self.grid.height))
            yield self._column(upper / bandwidth) // 2 - length - 2, y

    def _column(self, intensity: float) -> int:
        return round(self.x.place(intensity) * (2 * self.grid.width - 1))

    def _dot(self, flops_per_s: float) -> int | None:
        """Dots from the bottom; None for what lies outside."""
        place = self.y.place(flops_per_s)
        return round(place * (4 * self.grid.height - 1)) if 0 <= place <= 1 else None

    def _cell(self, intensity: float, flops_per_s: float) -> tuple[int, int] | None:
        dot, column = self._dot(flops_per_s), self._column(intensity)
        if dot is None or not 0 <= column < 2 * self.grid.width:
            return None
        return column // 2, self.grid.height - 1 - dot // 4


def axes(content: RooflineContent) -> tuple[LogAxis, LogAxis]:
    """The x axis and the y axis, so that every run, every flat and a decade on each side of the ridges lie within."""
    roof = content.roofline or _NOTHING
    peaks = (*roof.flops_per_s.values(), *content.published.values())
    bandwidths = [each for each in (roof.bytes_per_s, content.dram_limit_bytes_per_s) if each]
    ridges = [peak / bandwidth for peak in peaks for bandwidth in bandwidths]
    intensities = [spot.intensity for spot in content.spots]
    rates = [spot.flops_per_s for spot in content.spots]
    return (
        log_axis((*intensities, *(ridge * by for ridge in ridges for by in (0.1, 10))), INTENSITIES),
        log_axis((*rates, *(peak * by for peak in peaks for by in (0.1, 1.1))), RATES),
    )


def _sound(content: RooflineContent) -> RooflineContent:
    """Without what cannot be drawn: a manifest may come from a stranger."""
    roof, limit = content.roofline or _NOTHING, content.dram_limit_bytes_per_s
    peaks = {precision: peak for precision, peak in roof.flops_per_s.items() if is_sound(peak)}
    bandwidth = roof.bytes_per_s if is_sound(roof.bytes_per_s) else None
    return replace(
        content,
        roofline=replace(roof, flops_per_s=peaks, bytes_per_s=bandwidth),
        dram_limit_bytes_per_s=limit if is_sound(limit) else None,
        spots=tuple(spot for spot in content.spots if is_sound(spot.intensity) and is_sound(spot.flops_per_s)),
    )


def _style(spots: Iterable[Spot]) -> str:
    return "mark" if any(spot.present for spot in spots) else "big"


def _single(dot: int | None) -> Span:
    return None if dot is None else (dot, dot)


def _y_labels(axis: LogAxis, height: int) -> dict[int, str]:
    """Row → label: the top, and the powers of ten that have a row free on each side."""
    labels = {0: axis_text(axis.high)}
    for value in reversed(axis.decades()):
        row = height - 1 - round(axis.place(value) * (4 * height - 1)) // 4
        if all(abs(row - taken) >= 2 for taken in labels):
            labels[row] = axis_text(value)[:LABEL_WIDTH]
    return labels


def _x_labels(axis: LogAxis, width: int) -> str:
    """The powers of ten under their columns, and at the right what they are."""
    line = " " * width
    room = width - len(X_TITLE) - 2 if width > 3 * len(X_TITLE) else width
    for value in axis.decades():
        text = axis_text(value)
        start = min(max(0, round(axis.place(value) * (width - 1)) - len(text) // 2), width - len(text))
        if start + len(text) <= room and not line[max(0, start - 2) : start + len(text) + 1].strip():
            line = line[:start] + text + line[start + len(text) :]
    return line[: width - len(X_TITLE)] + X_TITLE if room < width else line
