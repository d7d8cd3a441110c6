"""Processes on a device are the workload's or somebody else's, or it cannot be told, which is never 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.telemetry.foreign import INITIAL, NAMES, numbers_agree, with_owners
from app.telemetry.nvidia_border import Nvml
from app.telemetry.sampler import Sampler
from tests.telemetry.fake_nvml import FakeDevice, FakeNvml
from workloads.wire.commands import Watch
from workloads.wire.frames import Gauges, GpuProcess


def device(*processes: GpuProcess) -> Gauges:
    return Gauges(at_ns=1, device="gpu0", source="nvml", processes=processes)


def namespace(proc: Path, name: str) -> Path:
    (proc / "self/ns").mkdir(parents=True)
    (proc / "self/ns/pid").symlink_to(name)
    return proc


OWN, OTHER, SILENT = GpuProcess(7, 100), GpuProcess(8, 3000), GpuProcess(9)


def test_what_is_not_the_workloads_is_counted_with_its_memory() -> None:
    readings = with_owners(device(OWN, OTHER, GpuProcess(9, 5)), (7, 77), agree=True).readings
    assert readings == {"own_processes": 1, "foreign_processes": 2, "foreign_memory_bytes": 3005}


def test_nobody_else_is_a_zero_that_was_measured() -> None:
    readings = with_owners(device(OWN), (7,), agree=True).readings
    assert readings == {"own_processes": 1, "foreign_processes": 0, "foreign_memory_bytes": 0}


def test_memory_that_the_driver_does_not_tell_is_absent() -> None:
    frame = with_owners(device(OWN, OTHER, SILENT), (7,), agree=True)
    assert frame.readings == {"own_processes": 1, "foreign_processes": 2}
    assert "memory" in frame.absent["foreign_memory_bytes"]


@pytest.mark.parametrize("processes", [(), (OTHER,)])
def test_in_a_container_nothing_can_be_told(processes: tuple[GpuProcess, ...]) -> None:
    frame = with_owners(device(*processes), (7,), agree=False)
    assert frame.readings == {}
    assert all("container" in frame.absent[name] for name in NAMES)


def test_a_driver_that_names_the_workload_in_a_container_is_believed() -> None:
    assert with_owners(device(OWN, OTHER), (7,), agree=False).readings["foreign_processes"] == 1


def test_a_driver_that_refuses_is_quoted() -> None:
    refused = Gauges(at_ns=1, device="gpu0", source="nvml", absent={"processes": "Insufficient Permissions"})
    assert with_owners(refused, (), agree=True).absent["foreign_processes"] == "Insufficient Permissions"


def test_the_first_namespace_is_known_by_its_number(tmp_path: Path) -> None:
    assert not numbers_agree(tmp_path)
    assert numbers_agree(namespace(tmp_path / "machine", INITIAL))
    assert not numbers_agree(namespace(tmp_path / "container", "pid:[4026532201]"))


def test_the_sampler_knows_the_watched_processes_as_the_workloads(tmp_path: Path) -> None:
    proc = namespace(tmp_path, INITIAL)
    sampler = Sampler(Nvml(FakeNvml(FakeDevice(processes=[(7, 100), (8, 3000)]))), proc=proc)
    sampler.watch(Watch(run=1, pids=(7,)))
    watched = next(frame for frame in sampler.read(slow=True) if frame.source == "nvml")
    sampler.watch(Watch(run=1, pids=()))
    alone = next(frame for frame in sampler.read(slow=True) if frame.source == "nvml")
    assert (watched.readings["own_processes"], watched.readings["foreign_memory_bytes"]) == (1, 3000)
    assert (alone.readings["own_processes"], alone.readings["foreign_memory_bytes"]) == (0, 3100)
