"""Readings of devices → means over the last seconds, and over all that was measured.

Readings are put together a second at a time, once it is known in which phase each of them was: a worker tells of a
phase up to a tenth of a second after it began. So memory does not grow with a session, nor work with its readings.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from app.session.plain import plain
from app.verdicts.window import DeviceMeans
from workloads.wire.frames import DeviceFacts, Gauges
from workloads.wire.gauges import GAUGES

CELL_NS: Final = 1_000_000_000
SETTLED_NS: Final = 1_000_000_000
"""A reading of so long ago is in a phase that is known."""

MOST_DEVICES: Final = 200
"""That are kept; a stranger's journal could name any number."""

MOST_FRAMES: Final = 4_096
"""Readings that wait for their phase to be known."""

REASONS: Final = "clock_event_reasons"
"""A bit mask: its bits are counted, for a mean of it means nothing."""
BITS: Final = 64


@dataclass(slots=True)
class Stat:
    """Readings of one gauge."""

    count: int
    total: float
    largest: float
    first: float
    last: float

    def merge(self, other: Stat) -> None:
        """Take in what came next."""
        self.count += other.count
        self.total += other.total
        self.largest = max(self.largest, other.largest)
        self.last = other.last


@dataclass(slots=True)
class DeviceCell:
    """Readings of one device."""

    stats: dict[str, Stat] = field(default_factory=dict)
    masks: Counter[int] = field(default_factory=Counter)
    """Clock event reasons → readings that were just these."""
    cores: tuple[float, ...] = ()
    """Sum of the loads of each processor."""
    core_readings: int = 0

    def add(self, frame: Gauges) -> None:
        """The next readings. What no gauge is called, and what is no number, is left out."""
        for name, value in frame.readings.items():
            if name not in GAUGES or not isfinite(value):
                continue
            if name == REASONS:
                self.masks[int(value) if 0 <= value < 2**BITS else 0] += 1
            stat = self.stats.get(name)
            if stat is None:
                self.stats[name] = Stat(1, value, value, value, value)
            else:
                stat.count += 1
                stat.total += value
                stat.largest = max(stat.largest, value)
                stat.last = value
        if frame.core_percent:
            self._add_cores(frame.core_percent, 1)

    def merge(self, other: DeviceCell) -> None:
        """Take in what came next."""
        for name, stat in other.stats.items():
            mine = self.stats.get(name)
            if mine is None:
                self.stats[name] = Stat(stat.count, stat.total, stat.largest, stat.first, stat.last)
            else:
                mine.merge(stat)
        self.masks.update(other.masks)
        if other.cores:
            self._add_cores(other.cores, other.core_readings)

    def _add_cores(self, loads: tuple[float, ...], readings: int) -> None:
        if len(self.cores) != len(loads):  # processors came or went: the new ones count
            self.cores, self.core_readings = loads, readings
        else:
            self.cores = tuple(map(sum, zip(self.cores, loads, strict=True)))
            self.core_readings += readings

    def means(self, device: str, facts: DeviceFacts | None, absent: dict[str, str]) -> DeviceMeans:
        """What rules look at."""
        readings = self.masks.total()
        seen = Counter[int]()
        for mask, count in self.masks.items():
            for bit in range(BITS):
                if mask >> bit & 1:
                    seen[bit] += count
        return DeviceMeans(
            device=device,
            facts=facts,
            means={name: stat.total / stat.count for name, stat in self.stats.items() if name != REASONS},
            largest={name: stat.largest for name, stat in self.stats.items() if name != REASONS},
            grown={name: stat.last - stat.first for name, stat in self.stats.items() if name != REASONS},
            counts={name: stat.count for name, stat in self.stats.items()},
            reasons={1 << bit: count / readings for bit, count in sorted(seen.items())},
            absent={name: reason for name, reason in absent.items() if name not in self.stats},
            core_percent=tuple(load / self.core_readings for load in self.cores) if self.core_readings else (),
        )


Cells = dict[str, DeviceCell]
"""By device."""


class RunGauges:
    """Readings while one run goes on."""

    def __init__(self) -> None:
        self._waiting: deque[Gauges] = deque(maxlen=MOST_FRAMES)
        self._cells: deque[tuple[int, Cells]] = deque(maxlen=MOST_FRAMES)
        """By second, oldest first."""
        self._whole: Cells = {}
        self.absent: dict[str, dict[str, str]] = {}
        """Device → gauge → why there was no reading of it, as it was said last."""

    def add(self, frame: Gauges) -> None:
        """The next readings, of whatever phase."""
        self._waiting.append(frame)
        if frame.absent and (frame.device in self.absent or len(self.absent) < MOST_DEVICES):
            reasons = self.absent.setdefault(frame.device, {})
            reasons.update((name, plain(reason)) for name, reason in frame.absent.items() if name in GAUGES)

    def anew(self) -> RunGauges:
        """One that has read nothing so far but what waits, and knows what there is no reading of."""
        other = RunGauges()
        other._waiting, other.absent = self._waiting, self.absent
        return other

    def settle(self, now_ns: int, counts: Callable[[int], bool], measured: Callable[[int], bool]) -> None:
        """Put together what is older than a second. `counts`, `measured`: whether an instant does, or was."""
        while self._waiting and self._waiting[0].at_ns <= now_ns - SETTLED_NS:
            frame = self._waiting.popleft()
            if not counts(frame.at_ns):
                continue
            second = frame.at_ns // CELL_NS
            if not self._cells or self._cells[-1][0] < second:
                self._cells.append((second, {}))
            _add(self._cells[-1][1], frame)
            if measured(frame.at_ns):
                _add(self._whole, frame)

    def forget(self, before_ns: int) -> None:
        """What was read before that is not to be put together with what comes. What waits is in no cell yet."""
        self._cells.clear()
        self._waiting = deque((frame for frame in self._waiting if frame.at_ns >= before_ns), maxlen=MOST_FRAMES)

    def prune(self, before_ns: int) -> None:
        """Nobody will ask for what was read before that."""
        while self._cells and (self._cells[0][0] + 1) * CELL_NS <= before_ns:
            self._cells.popleft()

    def recent(self, from_ns: int, to_ns: int, counts: Callable[[int], bool]) -> Cells:
        """Readings between two instants, in seconds whose greater part lies between them."""
        found: Cells = {}
        for second, cells in self._cells:
            if from_ns <= second * CELL_NS + CELL_NS // 2 <= to_ns:
                for device, cell in cells.items():
                    found.setdefault(device, DeviceCell()).merge(cell)
        for frame in self._waiting:
            if from_ns <= frame.at_ns <= to_ns and counts(frame.at_ns):
                _add(found, frame)
        return found

    def whole(self) -> Cells:
        """Of all that was measured; `settle` first."""
        return self._whole


def _add(cells: Cells, frame: Gauges) -> None:
    cell = cells.get(frame.device)
    if cell is None:
        if len(cells) >= MOST_DEVICES:
            return
        cell = cells[frame.device] = DeviceCell()
    cell.add(frame)
