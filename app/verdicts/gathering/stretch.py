"""One stretch of a run's course: some of its step times, and sums of what else is followed. Of bounded size."""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

SAMPLED: Final = 256
"""Step times of a stretch that its median rests on: its standard error is a tenth of the spread then."""
EACH: Final = 16
"""Of one frame."""


@dataclass(slots=True)
class Stretch:
    """What there was of one stretch of time."""

    count: int = 0
    walls: array[int] = field(default_factory=lambda: array("q"))
    """Some of its times, evenly spread over it."""
    units: int = 0
    wall_ns: int = 0
    readings: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """Device and gauge → how many, and their sum."""
    _every: int = 1
    _frames: int = 0
    _median: tuple[int, float] = (0, 0.0)

    def add(self, walls: Sequence[int], units: int, wall_ns: int) -> None:
        """The times of one frame. Of many frames it is every second, fourth … that the median rests on."""
        if self._frames % self._every == 0:
            self.walls.fromlist(list(walls[:: max(1, len(walls) // EACH)]))
            if len(self.walls) > SAMPLED:
                self.walls = self.walls[::2]
                self._every *= 2
        self._frames += 1
        self.count += len(walls)
        self.units += units
        self.wall_ns += wall_ns

    def median(self) -> float | None:
        """Of its times."""
        if not self.count:
            return None
        if self._median[0] != self.count:
            self._median = (self.count, float(statistics.median(self.walls)))
        return self._median[1]

    def merge(self, other: Stretch) -> None:
        """Take in the one behind it."""
        self.walls.extend(other.walls)
        if len(self.walls) > SAMPLED:
            self.walls = self.walls[::2]
        self._every = 2 * max(self._every, other._every)
        self.count += other.count
        self.units += other.units
        self.wall_ns += other.wall_ns
        for key, (many, total) in other.readings.items():
            mine = self.readings.setdefault(key, [0.0, 0.0])
            mine[0] += many
            mine[1] += total

    def mean(self, gauge: str, devices: Collection[str]) -> float | None:
        """Over all readings of these devices."""
        found = [each for (device, name), each in self.readings.items() if name == gauge and device in devices]
        many = sum(each[0] for each in found)
        return sum(each[1] for each in found) / many if many else None

    def total(self, gauge: str, devices: Collection[str]) -> float | None:
        """The sum of what each of these devices has on average."""
        found = [
            each[1] / each[0] for (device, name), each in self.readings.items() if name == gauge and device in devices
        ]
        return sum(found) if found else None
