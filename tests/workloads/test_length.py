"""How long a run measures."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from workloads.orders import Orders
from workloads.run import Length


class Clock:
    """The monotonic clock, in the test's hands."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic_ns(self) -> int:
        return round(self.now_s * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic_ns", clock.monotonic_ns)
    return clock


def length(steps: int | None, duration_s: float | None) -> tuple[Length, Orders]:
    orders = Orders()
    return Length(SimpleNamespace(orders=orders, agreement=None), steps, duration_s), orders  # type: ignore[arg-type]


def test_what_lies_between_phases_is_no_part_of_a_duration(clock: Clock) -> None:
    ten, _ = length(None, 10.0)
    for _ in range(2):
        ten.begin()
        ten.done += 1
        clock.now_s += 4.5
        assert not ten.over()
        ten.pause()
        clock.now_s += 60.0
        assert not ten.over()
    ten.begin()
    clock.now_s += 1.0
    assert ten.over()


def test_one_step_is_made_however_short_the_time_unless_the_run_is_stopped(clock: Clock) -> None:
    none, orders = length(None, 0.001)
    none.begin()
    clock.now_s += 1
    assert not none.over()
    orders.stop()
    assert none.over()


def test_steps_are_counted() -> None:
    three, _ = length(3, None)
    three.begin()
    while not three.over():
        three.done += 1
    assert three.done == 3
    assert length(0, None)[0].over()
