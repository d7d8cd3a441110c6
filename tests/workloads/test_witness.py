"""What a worker notices besides its steps: collections, compilations, the allocator, how far the device is behind."""

from __future__ import annotations

import gc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.workloads.process import start
from tests.workloads.test_timing import Device, Rows
from workloads.catalog import find_workload
from workloads.device_clock import RUN_AHEAD, DeviceClock
from workloads.hook.gpu_name import gpu_name
from workloads.launch import prepare
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.train.steps import copied_bytes
from workloads.wire.frames import AnyFrame, Event, Gauges
from workloads.wire.framing import FrameReader
from workloads.witness.allocator import Allocator, allocator_of
from workloads.witness.collections import LONG_NS, Collections
from workloads.witness.compiles import Compiles
from workloads.witness.watch import watched


def clock_of(*instants: int) -> Any:
    return iter(instants).__next__


def heard(recorder: Recorder, sent: bytearray) -> list[AnyFrame]:
    recorder.start()
    recorder.close()
    return list(FrameReader().feed(sent))


def test_a_long_collection_is_told_and_short_ones_when_they_come_to_as_much() -> None:
    told: list[Event] = []
    half = LONG_NS // 2
    listener = Collections(told.append, clock_of(0, half, 10, 10 + 7 * LONG_NS, 100, 100 + half, 900, 900 + half))
    listener("start", {})
    listener("stop", {"generation": 0, "collected": 3})
    listener.tell_short()
    assert not told, "half a millisecond explains nothing"
    for _ in range(3):
        listener("start", {})
        listener("stop", {"generation": 2, "collected": 1234})
    listener.tell_short()
    whole, short = told
    assert (whole.at_ns, whole.wall_ns, whole.text) == (10, 7 * LONG_NS, "generation 2, 1,234 objects freed")
    assert (short.at_ns, short.wall_ns, short.text) == (100, LONG_NS, "2 short collections")
    assert {event.kind for event in told} == {"garbage-collection"}


def test_compiling_once_more_is_another_event_than_compiling() -> None:
    told: list[Event] = []
    listener = Compiles(told.append, clock_of(0, 5, 10, 20, 30, 31))
    for name in ("0/0", "3/2", "none"):
        listener.began(None)
        listener.ended(SimpleNamespace(compile_id=name))
    assert [(event.kind, event.wall_ns, event.text) for event in told] == [
        ("compile", 5, "function 0, for the 1st time"),
        ("recompile", 10, "function 3, for the 3rd time"),
        ("compile", 1, ""),
    ]


def test_the_allocators_books_are_gauges_of_the_gpu_and_a_retry_is_an_event() -> None:
    sent = bytearray()
    recorder = Recorder(sent.extend)
    stats: dict[str, Any] = {}
    allocator = Allocator(recorder, "gpu3", lambda: stats)
    allocator.tell()
    stats |= {"allocated_bytes": {"all": {"current": 5}}, "reserved_bytes": {"all": {"current": 8}}}
    stats |= {"num_alloc_retries": 2, "num_device_alloc": 7}
    allocator.tell()
    stats["num_alloc_retries"] = 4
    allocator.tell()
    first, second, retry = heard(recorder, sent)
    assert isinstance(first, Gauges)
    assert isinstance(second, Gauges)
    assert (first.device, first.source) == ("gpu3", "torch")
    assert first.readings == {
        "torch_allocated_bytes": 5.0,
        "torch_reserved_bytes": 8.0,
        "torch_retries": 2.0,
        "torch_device_mallocs": 7.0,
    }
    assert second.readings["torch_retries"] == 4.0
    assert isinstance(retry, Event)
    assert (retry.kind, retry.text[:2]) == ("allocator-retry", "2 ")
    assert allocator_of(torch.device("cpu"), recorder) is None


def test_a_gpu_is_named_as_the_sampler_names_it(tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    assert gpu_name(1, "", {}, nowhere) == "gpu1"
    assert gpu_name(1, "", {"CUDA_VISIBLE_DEVICES": "4, 6"}, nowhere) == "gpu6"
    assert gpu_name(0, "", {"CUDA_VISIBLE_DEVICES": "GPU-aa"}, nowhere) == "gpu0"
    for place, uuid in (("0000:1b:00.0", "GPU-aa"), ("0000:9a:00.0", "GPU-bb")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "information").write_text(f"Model: \t H\nGPU UUID: \t {uuid}\n")
    assert gpu_name(0, "BB", {"CUDA_VISIBLE_DEVICES": "5"}, tmp_path) == "gpu1"
    assert gpu_name(0, "cc", {"CUDA_VISIBLE_DEVICES": "5"}, tmp_path) == "gpu5"


def test_a_run_is_watched_as_long_as_it_goes_on() -> None:
    sent = bytearray()
    recorder, before = Recorder(sent.extend), list(gc.callbacks)
    run = prepare(start("probe/launch", "", threads=1), find_workload("probe/launch"), recorder, Orders())
    with watched(run):
        assert len(gc.callbacks) == len(before) + 1
        with run.event("checkpoint", "weights-1.pt"):
            pass
    assert gc.callbacks == before
    events = [frame for frame in heard(recorder, sent) if isinstance(frame, Event)]
    assert [event.text for event in events if event.kind == "checkpoint"] == ["weights-1.pt"]


def test_bytes_that_are_copied_are_told_with_the_step() -> None:
    device, recorder = Device(), Rows()
    clock = DeviceClock(recorder, event=device.event, pause=device.pause)
    clock.begin()
    for copied in (True, False):
        clock.open()
        clock.mark("data_wait")
        if copied:
            clock.copied(*copied_bytes((torch.zeros(4), torch.zeros(2, dtype=torch.int64))))
        clock.close(1)
    clock.drain()
    assert [(row.h2d_bytes, row.pageable_bytes) for row in recorder.rows] == [(32, 32), (None, None)]


@pytest.mark.parametrize("drift", [0.9, 1.0, 1.1])
def test_how_far_the_device_is_behind_is_known_without_waiting_though_the_clocks_drift(drift: float) -> None:
    device, recorder = Device(), Rows()
    now_ns = lambda: round(device.now_ms * drift * 1e6)  # noqa: E731 - the host's clock
    clock = DeviceClock(recorder, event=device.event, pause=device.pause, clock=now_ns)
    clock.begin()
    for _ in range(200):
        clock.open()
        clock.start()
        device.work(5)
        clock.close(1)
    clock.drain()
    behind = [(row.ahead_ns or 0) / 1e6 for row in recorder.rows]
    full = RUN_AHEAD * 5 * drift
    assert behind[-20:] == pytest.approx([full] * 20, abs=0.1), "the queue is full, and as long as its steps"
    began = len(recorder.rows)
    clock.begin()
    for _ in range(200):
        clock.open()
        clock.start()
        device.work(1)
        clock.close(1)
        device.now_ms += 8
    clock.drain()
    behind = [(row.ahead_ns or 0) / 1e6 for row in recorder.rows[began:]]
    assert max(behind) <= 8 * drift, "the device is done before the host comes again"
    if drift == 1.0:
        assert behind == pytest.approx([1.0] * 200, abs=0.01)
