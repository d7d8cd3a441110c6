"""The course of a run over time, all its ranks together: throughput, bytes, FLOPs, step times, loss, by buckets.

A bucket stays open for late samples while it is among the newest; then only its numbers are kept, so
that memory grows neither with the samples nor with how long a session lasts.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.session.live.buckets import BUCKET_NS, KEPT, Course
from app.session.live.histogram import Histogram
from app.session.live.view import Series
from workloads.wire.frames import Courses

OPEN = 4
"""Buckets that still take samples."""

SHORTEST_NS = BUCKET_NS // 20
"""Less work than this in a bucket gives no rate: it is the edge of a phase."""

COURSES = ("units", "moved", "computed", "p50", "p99", "loss")


class Cell:
    """What fell into one bucket."""

    __slots__ = ("computed", "loss_total", "losses", "moved", "times", "units", "work_ns")

    def __init__(self) -> None:
        self.units = 0.0
        self.moved: float | None = None
        self.computed: float | None = None
        self.work_ns = 0
        self.times = Histogram()
        self.loss_total = 0.0
        self.losses = 0

    def numbers(self, ranks: int) -> tuple[float | None, ...]:
        """In the order of COURSES: rates a second of working time, nanoseconds, mean loss.

        Ranks work side by side, so that so many of them have `ranks` seconds of working time in a second.
        """
        seconds = self.work_ns / 1e9 / ranks if self.work_ns >= SHORTEST_NS * ranks else None
        p50, p99 = self.times.quantiles((0.5, 0.99)) if self.times.count else (None, None)
        return (
            None if seconds is None else self.units / seconds,
            None if seconds is None or self.moved is None else self.moved / seconds,
            None if seconds is None or self.computed is None else self.computed / seconds,
            p50,
            p99,
            self.loss_total / self.losses if self.losses else None,
        )


class Timeline:
    """The newest buckets of a run."""

    def __init__(self) -> None:
        self._open: dict[int, Cell] = {}
        self._courses = {name: Course() for name in COURSES}
        self._closed = -1
        self.ranks = 1
        """How many add to it."""

    def add_work(
        self,
        index: int,
        units: float,
        work_ns: int,
        bytes_per_unit: float | None = None,
        flops_per_unit: float | None = None,
    ) -> None:
        """So many units of work were done in a bucket, in so much of its time."""
        cell = self._cell(index)
        if cell is not None:
            cell.units += units
            cell.work_ns += work_ns
            if bytes_per_unit is not None:
                cell.moved = (cell.moved or 0.0) + units * bytes_per_unit
            if flops_per_unit is not None:
                cell.computed = (cell.computed or 0.0) + units * flops_per_unit

    def add_pause(self, began_ns: int, ended_ns: int) -> None:
        """Working time in which nothing was finished."""
        first = max(began_ns // BUCKET_NS, ended_ns // BUCKET_NS - KEPT)
        for index in range(first, -(-ended_ns // BUCKET_NS)):
            inside = min(ended_ns, (index + 1) * BUCKET_NS) - max(began_ns, index * BUCKET_NS)
            self.add_work(index, 0.0, max(0, inside))

    def add_times(self, index: int, counts: Mapping[int, int], count: int, largest: int) -> None:
        """Step times or latencies, counted by `keys_of`."""
        cell = self._cell(index)
        if cell is not None:
            cell.times.add_counts(counts, count, largest)

    def add_loss(self, index: int, total: float, count: int) -> None:
        """Training losses."""
        cell = self._cell(index)
        if cell is not None:
            cell.loss_total += total
            cell.losses += count

    def take(self, frame: Courses) -> None:
        """What was summed up; its buckets take nothing more. Raises ValueError for columns that are not sound."""
        for name, stretches in frame.courses.items():
            if (course := self._courses.get(name)) is not None:
                course.put_stretches(stretches, frame.seconds)
        self._closed = max(self._closed, frame.until_ns // BUCKET_NS - 1)

    def close_old(self) -> None:
        """Keep the numbers alone of all but the newest buckets. To be called after every frame."""
        self._closed = max(self._closed, max(self._open, default=0) - OPEN)
        for index in sorted(index for index in self._open if index <= self._closed):
            self._put(index, self._open.pop(index))

    def series(self, last: int, width: int) -> dict[str, Series]:
        """The `width` buckets up to `last` of each of COURSES."""
        for index, cell in self._open.items():
            self._put(index, cell)
        return {name: course.series(last, width) for name, course in self._courses.items()}

    def whole(self) -> dict[str, Series]:
        """Of each of COURSES all from the beginning on, in wider buckets."""
        for index, cell in self._open.items():
            self._put(index, cell)
        return {name: course.whole() for name, course in self._courses.items()}

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return sum(map(len, self._courses.values())) + len(self._open)

    def _cell(self, index: int) -> Cell | None:
        """The open cell of a bucket; None where it was closed."""
        cell = self._open.get(index)
        if cell is None and index > self._closed:
            cell = self._open[index] = Cell()
        return cell

    def _put(self, index: int, cell: Cell) -> None:
        for course, number in zip(self._courses.values(), cell.numbers(self.ranks), strict=True):
            course.put(index, number)
