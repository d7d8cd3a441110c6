"""The pace of an energy counter is looked for, for a while."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from app.telemetry.nvidia import Nvidia
from app.telemetry.nvidia_border import Nvml
from app.telemetry.nvidia_tick import LONGEST_NS, tick_ns
from tests.telemetry.fake_nvml import FakeDevice, FakeNvml

MS = 1_000_000


class Clock:
    """A clock on which every reading of the counter takes 4 ms."""

    def __init__(self, tick_ns: int | None) -> None:
        self.now_ns = 0
        self._tick_ns = tick_ns

    def count(self) -> float:
        self.now_ns += 4 * MS
        return 5.0 if self._tick_ns is None else float(self.now_ns // self._tick_ns)

    def __call__(self) -> int:
        return self.now_ns


def test_the_time_between_ticks_is_found_to_within_a_reading() -> None:
    clock = Clock(20 * MS)
    assert tick_ns(clock.count, clock) == 20 * MS
    assert clock.now_ns < 150 * MS, "a few ticks are enough"


def test_a_counter_that_stands_still_is_not_looked_at_for_long() -> None:
    clock = Clock(None)
    assert tick_ns(clock.count, clock) is None
    assert clock.now_ns <= LONGEST_NS + 4 * MS


def test_a_device_without_a_counter_has_no_pace() -> None:
    assert tick_ns(lambda: None, Clock(None)) is None


def test_one_device_of_each_name_is_looked_at() -> None:
    energies: Iterator[int] = itertools.count(1000)
    library = FakeNvml(FakeDevice(energy_mj=energies.__next__), FakeDevice(energy_mj=energies.__next__))
    devices = Nvidia(Nvml(library), itertools.count(0, 20 * MS).__next__)
    devices.find_ticks()
    assert [device.facts.energy_tick_ns for device in devices.devices] == [20 * MS, 20 * MS]
    asked = library.calls["nvmlDeviceGetFieldValues"]
    devices.read(1, slow=True)
    assert library.calls["nvmlDeviceGetFieldValues"] == asked + 2
