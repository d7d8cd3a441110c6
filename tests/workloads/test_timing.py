"""Clocks of the measured loop, the device's against a simulated device: a queue of work and its own time."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from workloads.device_clock import RUN_AHEAD, DeviceClock, Part
from workloads.infer.ticket import Tickets
from workloads.recorder import Recorder
from workloads.rows import Row, StepRow
from workloads.timing import HostClock

PARTS: dict[Part, int] = {"data_wait": 0, "h2d": 1, "forward": 2, "backward": 4, "optimizer": 3}
"""Of a training step, with the milliseconds that the simulated device has to do in each."""


@dataclass
class Device:
    """Does what is queued, one after the other; time passes only while the host sleeps."""

    now_ms: float = 0.0
    busy_until_ms: float = 0.0
    waits: int = 0

    def work(self, ms: float) -> None:
        self.busy_until_ms = max(self.busy_until_ms, self.now_ms) + ms

    def pause(self, seconds: float) -> None:
        self.now_ms += seconds * 1e3
        self.waits += 1

    def event(self) -> Event:
        return Event(self)


@dataclass
class Event:
    """A place in the queue of the device."""

    device: Device
    at_ms: float = -1.0

    def record(self) -> None:
        self.at_ms = max(self.device.busy_until_ms, self.device.now_ms)

    def query(self) -> bool:
        return 0 <= self.at_ms <= self.device.now_ms

    def elapsed_time(self, end_event: Event, /) -> float:
        assert self.query()
        assert end_event.query(), "the time of an event that has not passed is asked for"
        return end_event.at_ms - self.at_ms


class Rows(Recorder):
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.rows: list[StepRow] = []

    def row(self, row: Row) -> None:
        assert isinstance(row, StepRow)
        self.rows.append(row)


def queue_steps(clock: DeviceClock, device: Device, recorder: Rows, steps: int) -> int:
    """Training steps in their parts. Gives the largest number of steps that were under way."""
    most = 0
    for step in range(steps):
        clock.open()
        for part, ms in PARTS.items():
            device.work(ms)
            clock.mark(part)
        clock.close(64, tokens=128, loss=lambda step=step: float(step))  # type: ignore[misc]
        most = max(most, step + 1 - len(recorder.rows))
    return most


def test_the_host_runs_ahead_by_a_bounded_number_of_steps() -> None:
    device, recorder = Device(), Rows()
    clock = DeviceClock(recorder, event=device.event, pause=device.pause)
    clock.begin()
    assert queue_steps(clock, device, recorder, 20) == RUN_AHEAD


def test_device_steps_carry_their_parts_and_their_walls_add_up_to_the_elapsed_time() -> None:
    device, recorder = Device(), Rows()
    clock = DeviceClock(recorder, event=device.event, pause=device.pause)
    for phase in range(2):
        clock.begin()
        began_ms, known = device.now_ms, len(recorder.rows)
        queue_steps(clock, device, recorder, 20)
        clock.drain()
        rows = recorder.rows[known:]
        assert len(rows) == 20, f"phase {phase}: every step is recorded once the phase is drained"
        assert sum(row.wall_ns for row in rows) == round((device.busy_until_ms - began_ms) * 1e6)
        assert [row.start_ns + row.wall_ns for row in rows[:-1]] == [row.start_ns for row in rows[1:]]
        assert [row.loss for row in rows] == [float(step) for step in range(20)]
        parts = {(row.h2d_ns, row.forward_ns, row.backward_ns, row.optimizer_ns) for row in rows}
        assert parts == {(1_000_000, 2_000_000, 4_000_000, 3_000_000)}
        assert {row.device_ns for row in rows} == {10_000_000}


def test_a_device_that_keeps_up_is_never_waited_for() -> None:
    device, recorder = Device(), Rows()
    clock = DeviceClock(recorder, event=device.event, pause=device.pause)
    clock.begin()
    for _ in range(50):
        clock.open()
        clock.start()
        device.work(1)
        clock.close(1)
        device.now_ms += 2
    clock.drain()
    assert device.waits == 0
    assert {row.wall_ns for row in recorder.rows[1:]} == {2_000_000}
    assert {row.device_ns for row in recorder.rows} == {1_000_000}


def test_on_the_cpu_steps_follow_each_other_without_a_gap_and_have_no_device_time() -> None:
    recorder = Rows()
    clock = HostClock(recorder)
    clock.begin()
    for _ in range(5):
        clock.open()
        for part in PARTS:
            clock.mark(part)
        clock.close(64, loss=lambda: 0.5)
    rows = recorder.rows
    assert [row.start_ns + row.wall_ns for row in rows[:-1]] == [row.start_ns for row in rows[1:]]
    assert all(row.device_ns is None and row.h2d_ns is None for row in rows)
    for row in rows:
        assert None not in (row.data_wait_ns, row.forward_ns, row.backward_ns, row.optimizer_ns)
        parts = (row.data_wait_ns or 0, row.forward_ns or 0, row.backward_ns or 0, row.optimizer_ns or 0)
        assert sum(parts) <= row.wall_ns


def test_accumulated_gradients_sum_their_parts_and_the_wait_for_others_is_a_part_of_backward() -> None:
    device, recorder = Device(), Rows()
    clock = DeviceClock(recorder, event=device.event, pause=device.pause)
    clock.begin()
    clock.open()
    clock.mark("data_wait")
    for last in (False, True):
        device.work(2)
        clock.mark("forward")
        device.work(3)
        if last:
            clock.communicates()
            device.work(1)
        clock.mark("backward")
    clock.close(8, tokens=16)
    clock.drain()
    (row,) = recorder.rows
    assert (row.forward_ns, row.backward_ns, row.comm_ns) == (4_000_000, 7_000_000, 1_000_000)
    assert (row.h2d_ns, row.optimizer_ns, row.tokens, row.device_ns) == (None, None, 16, 11_000_000)


def test_on_the_cpu_the_wait_for_others_is_a_part_of_backward() -> None:
    recorder = Rows()
    clock = HostClock(recorder)
    clock.begin()
    clock.open()
    clock.mark("forward")
    clock.communicates()
    clock.mark("backward")
    clock.close(1)
    (row,) = recorder.rows
    assert row.comm_ns is not None
    assert 0 <= row.comm_ns <= (row.backward_ns or 0) <= row.wall_ns


def test_a_batch_behind_others_is_timed_by_the_device_and_one_on_an_idle_device_is_not() -> None:
    device = Device()
    tickets = Tickets(torch.device("cuda"), depth=2, event=device.event)
    first, second = (tickets.queue(lambda ms=ms: device.work(ms)) for ms in (5, 7))  # type: ignore[misc]
    assert not first.done
    device.now_ms = 5
    assert (first.done, second.done) == (True, False)
    third = tickets.queue(lambda: device.work(3))
    device.now_ms = 15
    assert [ticket.device_ns for ticket in (first, second, third)] == [None, 7_000_000, 3_000_000]
    assert tickets.queue(lambda: device.work(1)).began is None, "the device waits: an event would hold it up"
