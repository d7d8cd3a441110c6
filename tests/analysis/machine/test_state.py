"""The machine's state of a run: over measured time alone, and what it does not give is None with a reason."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.machine.state import DeviceState, HostState, MachineState
from app.analysis.machine.text import state_lines
from app.analysis.summary.making import summarise
from tests.analysis.journals import journalled, training
from tests.session.frames import SECOND, hello
from workloads.wire.frames import AnyFrame, Gauges

POWER_CAP, THERMAL, IDLE = 4.0, 0x40 + 4.0, 1.0


def gpu(second: float, **readings: float) -> Gauges:
    return Gauges(
        at_ns=int(second * SECOND),
        device="gpu0",
        source="nvml",
        readings=readings,
        absent={"foreign_processes": "in a container"},
    )


def state_of(home: Path, *frames: AnyFrame) -> MachineState | None:
    """Run 1 measures from 2 s to 4 s."""
    folder = journalled(home, (hello(), hello("sampler"), *frames, *training()))
    finish(folder)
    return summarise(load(folder)).runs[0].state


def test_clocks_reasons_temperature_and_limit_are_those_of_measured_time(tmp_path: Path) -> None:
    frames = (
        gpu(2, sm_clock_mhz=300.0, temperature_c=90.0, clock_event_reasons=IDLE),
        gpu(2.5, sm_clock_mhz=1980.0, temperature_c=60.0, clock_event_reasons=IDLE, power_limit_w=700.0),
        gpu(3, sm_clock_mhz=1455.0, temperature_c=64.0, clock_event_reasons=POWER_CAP),
        gpu(3.5, sm_clock_mhz=1455.0, temperature_c=65.0, clock_event_reasons=THERMAL),
        gpu(4, sm_clock_mhz=1470.0, temperature_c=62.0, clock_event_reasons=IDLE),
        gpu(5, sm_clock_mhz=200.0, temperature_c=91.0),
    )
    state = state_of(tmp_path, *frames)
    assert state is not None
    (device,) = state.devices
    assert (device.sm_clock_mhz, device.sm_clock_min_mhz) == (1590.0, 1455.0)
    assert (device.temperature_max_c, device.power_limit_w) == (65.0, 700.0)
    assert (device.power_capped_fraction, device.otherwise_held_fraction) == (0.5, 0.0)
    assert device.held_by == ("power cap", "hardware thermal slowdown")
    assert (device.foreign_processes, device.memory_clock_mhz) == (None, None)
    assert device.absent == {"foreign_processes": "in a container"}


def test_the_host_has_its_steal_pressure_swap_and_no_governor_where_it_gives_none(tmp_path: Path) -> None:
    frames = [
        Gauges(
            at_ns=second * SECOND,
            device="host",
            source="proc",
            readings={"cpu_steal_percent": float(second), "swap_used_bytes": 100.0 * second},
        )
        for second in range(1, 6)
    ]
    state = state_of(tmp_path, *frames)
    assert state is not None
    (host,) = state.hosts
    assert (host.cpu_steal_percent, host.swap_used_bytes) == (3.5, 400.0), "of 3 s and 4 s"
    assert (host.governor, host.swap_in_bytes_per_s, host.cpu_pressure_percent) == (None, None, None)


def test_readings_that_are_no_numbers_are_none(tmp_path: Path) -> None:
    odd = {"clock_event_reasons": math.inf, "own_processes": math.nan, "sm_clock_mhz": -math.inf}
    state = state_of(tmp_path, *(gpu(second, **odd, temperature_c=60.0) for second in (3, 3.5)))
    assert state is not None
    (device,) = state.devices
    assert (device.sm_clock_mhz, device.own_processes, device.temperature_max_c) == (None, None, 60.0)


def test_without_readings_there_is_no_state(tmp_path: Path) -> None:
    assert state_of(tmp_path) is None
    assert list(state_lines(None)) == []


def test_the_text_names_each_device_and_leaves_out_what_is_absent() -> None:
    device = DeviceState(
        device="gpu0",
        sm_clock_mhz=1455.4,
        sm_clock_min_mhz=1410.0,
        temperature_max_c=64.0,
        power_limit_w=700.0,
        power_capped_fraction=0.83,
        foreign_processes=1,
        foreign_memory_bytes=2.0 * 2**30,
    )
    host = HostState(
        host="host", governor="performance", cpu_steal_percent=0.0, swap_used_bytes=1e9, swap_out_bytes_per_s=2e6
    )
    lines = list(state_lines(MachineState(devices=(device,), hosts=(host, HostState(host="node2:host")))))
    clocks = "gpu0 SM clock 1,455 MHz (lowest 1,410), 64 °C at most"
    assert lines == [
        f"{clocks}, power limit 700 W, reached 83.0 % of the time, 1 other process with 2.00 GiB",
        "host governor performance, steal 0.0 %, swap 954 MiB, out 2.00 MB/s",
    ]


def test_what_the_processors_did_for_others_is_their_load_less_the_workloads(tmp_path: Path) -> None:
    frames = [
        frame
        for second in (2, 3, 4)
        for frame in (
            Gauges(
                at_ns=second * SECOND,
                device="host",
                source="psutil",
                readings={"cpu_percent": 75.0},
                core_percent=(100.0, 100.0, 100.0, 0.0),
            ),
            Gauges(at_ns=second * SECOND, device="worker", source="proc", readings={"cpu_percent": 180.0}),
        )
    ]
    state = state_of(tmp_path, *frames)
    assert state is not None
    assert state.hosts[0].other_processors == pytest.approx(1.2), "three of four processors, 1.8 of them its own"
    assert list(state_lines(state)) == ["host 1.2 processors busy for others"]
    alone = state_of(tmp_path, *frames[::2])
    assert alone is not None
    assert alone.hosts[0].other_processors is None, "without the workload's own load there is no difference"
