"""When the device was done, from events that are asked and never waited for: a device of our own stands in for CUDA."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from workloads.hook import cuda
from workloads.hook.device_ends import AHEAD, DEVICE, START, WALL, DeviceEnds
from workloads.hook.line import REQUEST, STEP, Line

MS = 1_000_000
SAMPLES = STEP.index("samples")


class Device:
    """Does work in order."""

    def __init__(self) -> None:
        self.now = self.began = 1_000 * MS
        self.free_at = 0
        self.capturing = False
        device = self

        class Event:
            at = 0

            def __init__(self, enable_timing: bool) -> None:
                assert enable_timing

            def record(self) -> None:
                self.at = max(device.now, device.free_at)

            def query(self) -> bool:
                return device.now >= self.at

            def elapsed_time(self, other: Any) -> float:
                return float(other.at - self.at) / MS

        cuda = SimpleNamespace(Event=Event, is_current_stream_capturing=lambda: self.capturing)
        self.line = Line()
        self.ends = DeviceEnds(SimpleNamespace(cuda=cuda), self.line, lambda: self.now)

    def work(self, took_ns: int) -> None:
        self.free_at = max(self.now, self.free_at) + took_ns

    def step(self, number: int) -> None:
        row: list[Any] = [None] * len(STEP)
        row[START], row[WALL], row[SAMPLES] = self.began, self.now - self.began, number
        self.began = self.now
        self.ends.step(tuple(row), self.now)

    def rows(self) -> list[Any]:
        found = list(self.line.queue)
        self.line.queue.clear()
        return found


def test_a_device_that_is_behind_is_told_how_far() -> None:
    device = Device()
    for number in range(50):
        device.work(10 * MS)
        device.now += MS if number < 4 else 10 * MS  # the host runs four steps ahead, then as fast as the device
        device.step(number)
    device.now += 100 * MS
    device.ends.poll()
    rows = device.rows()
    assert [row[SAMPLES] for row in rows] == list(range(50))
    assert rows[0][DEVICE] is None
    assert all(row[DEVICE] == 10 * MS for row in rows[1:])
    # 36 ms ahead once it is; how far is known as exactly as it is asked, which is once a step.
    assert all(30 * MS <= row[AHEAD] <= 40 * MS for row in rows[10:40])


def test_a_device_that_waits_for_the_host_is_done_at_once() -> None:
    device = Device()
    for number in range(50):
        device.now += 10 * MS
        device.work(MS // 100)
        device.step(number)
    device.now += 10 * MS
    device.ends.poll()
    assert all(row[AHEAD] <= MS for row in device.rows()[1:])


def test_a_host_that_fills_the_queue_and_waits_makes_no_stalls() -> None:
    device, began = Device(), 1_000 * MS
    device.ends.between({"kind": "phase", "at_ns": began})
    for number in range(60):
        device.work(10 * MS)
        if number % 20 == 19:  # there is room again once all but a few are done
            device.now = max(device.now, device.free_at - 20 * MS)
        device.now += MS
        device.step(number)
        device.ends.poll()
    device.ends.between({"kind": "phase", "at_ns": device.now})
    device.now = device.free_at + 5 * MS
    device.ends.poll()
    first, *rows, last = device.rows()
    # When the first was done is known as exactly as it was asked, which was once a step of the host.
    assert 9 * MS <= rows[0][WALL] <= 10 * MS
    assert [row[WALL] for row in rows[1:]] == [10 * MS] * 59
    assert all(before[START] + before[WALL] == after[START] for before, after in pairwise(rows))
    assert (first["at_ns"], last["at_ns"]) == (began, rows[-1][START] + rows[-1][WALL])


def test_messages_keep_their_place_among_rows_and_a_graph_is_not_disturbed() -> None:
    device = Device()
    device.work(10 * MS)
    device.step(0)
    phase = {"kind": "phase", "at_ns": device.now}
    device.ends.between(phase)
    device.ends.hold()
    device.now += 20 * MS
    device.ends.poll()
    assert device.rows() == []
    device.ends.go_on()
    device.capturing = True
    device.step(1)
    rows = device.rows()
    assert [row if isinstance(row, dict) else row[SAMPLES] for row in rows] == [0, phase, 1]
    assert rows[-1][AHEAD] is None


def test_a_request_is_done_when_the_device_is() -> None:
    device, done = Device(), REQUEST.index("done_ns")
    device.ends.begins(device.now)
    device.work(5 * MS)
    row: list[Any] = [device.now, device.now, device.now, device.now, 1, 0, None, None, device.now, None]
    device.ends.request(row, device.now)
    began = device.now
    device.now += 20 * MS
    device.ends.poll()
    assert device.rows() == [row]
    assert row[done] == began + 5 * MS
    assert row[REQUEST.index("device_ns")] == 5 * MS


def test_what_tensors_keep_is_read_at_the_end_of_a_step_when_it_was_asked_for() -> None:
    device, allocated = Device(), 0

    def stats(index: int) -> dict[str, Any]:
        return {"allocated_bytes": {"all": {"current": allocated}}}

    torch = SimpleNamespace(cuda=SimpleNamespace(memory_stats_as_nested_dict=stats))
    loop = SimpleNamespace(ends=None, known=(SimpleNamespace(index=1), None))
    here: Any = SimpleNamespace(torch=torch, loop=loop, line=device.line, guarded=lambda call: call)
    allocator = cuda._Allocator(here)
    allocator._names[1] = "gpu1"
    allocator.ask()
    loop.ends = device.ends
    for number in range(4):
        allocated += 100
        if number % 2:
            allocator.ask()
        device.now += MS
        device.step(number)
    told = [item["readings"]["torch_kept_bytes"] for item in device.line.queue if isinstance(item, dict)]
    assert told == [200.0, 400.0]
