"""The host: loads and rates need two readings, and what a machine does not give is absent with a reason."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.telemetry.host import HostGauges
from app.telemetry.host_border import PsutilMachine, Transferred
from app.telemetry.host_facts import host_fingerprint, ranges
from app.telemetry.host_proc import ProcGauges
from workloads.wire.frames import NetworkInterface
from workloads.wire.gauges import GAUGES

MEMINFO = "MemTotal: 1000 kB\nMemFree: 9 kB\nMemAvailable:   400 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\nHugePages: 0\n"
PRESSURE = "some avg10=12.50 avg60=0.04 avg300=0.02 total=5505483\nfull avg10=7.00 avg60=0.00 avg300=0.00 total=0\n"
STAT = "cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 100 0 50 800 10 0 5 35 7 0\nintr 1 2 3\n"
"""1,000 ticks, 35 of them stolen; the 7 of guests are among the first 100."""
VMSTAT = "nr_free_pages 5\npswpin 10\npswpout 100\n"
RATES = {"cpu_steal_percent", "swap_in_bytes_per_s", "swap_out_bytes_per_s"}


@dataclass
class FakeMachine:
    """A machine whose counters are written down."""

    cores: list[float] = field(default_factory=lambda: [100.0, 50.0])
    frequency: float | None = 2600.0
    disks: Iterator[Transferred | None] = field(
        default_factory=lambda: iter([Transferred(0, 0), Transferred(500, 1000), Transferred(100, 3000)])
    )
    broken: bool = False

    def core_percent(self) -> list[float]:
        if self.broken:
            raise PermissionError(13, "Permission denied", "/proc/stat")
        return self.cores

    def frequency_mhz(self) -> float | None:
        return self.frequency

    def disk(self) -> Transferred | None:
        return next(self.disks)

    def network(self) -> Transferred:
        if self.broken:
            raise FileNotFoundError(2, "No such file or directory", "/proc/net/dev")
        return Transferred(7, 7)

    def physical_cores(self) -> int | None:
        return None

    def interfaces(self) -> tuple[NetworkInterface, ...]:
        return (NetworkInterface(name="eth0", speed_bits_per_s=10e9),)


def host(machine: FakeMachine) -> HostGauges:
    """Half a second passes between two readings."""
    return HostGauges(machine, itertools.count(0, 500_000_000).__next__)


def fake_proc(root: Path) -> Path:
    (root / "pressure").mkdir()
    (root / "meminfo").write_text(MEMINFO)
    for kind in ("cpu", "memory", "io"):
        (root / "pressure" / kind).write_text(PRESSURE)
    (root / "stat").write_text(STAT)
    (root / "vmstat").write_text(VMSTAT)
    return root


def test_the_first_reading_has_no_loads_and_no_rates() -> None:
    frame = host(FakeMachine()).read(1, slow=True)
    assert frame.readings == {"frequency_mhz": 2600.0}
    assert set(frame.absent) == {
        "cpu_percent",
        "disk_read_bytes_per_s",
        "disk_write_bytes_per_s",
        "network_receive_bytes_per_s",
        "network_send_bytes_per_s",
    }
    assert frame.core_percent == ()


def test_the_second_reading_has_the_difference_over_the_time_between() -> None:
    gauges = host(FakeMachine())
    gauges.read(1, slow=True)
    frame = gauges.read(1, slow=True)
    assert frame.core_percent == (100.0, 50.0)
    assert frame.readings == {
        "cpu_percent": 75.0,
        "disk_read_bytes_per_s": 1000.0,
        "disk_write_bytes_per_s": 2000.0,
        "network_receive_bytes_per_s": 0.0,
        "network_send_bytes_per_s": 0.0,
        "frequency_mhz": 2600.0,
    }
    assert (frame.device, frame.source, frame.run) == ("host", "psutil", 1)


def test_a_counter_that_runs_backwards_gives_no_rate_and_the_other_goes_on() -> None:
    gauges = host(FakeMachine())
    gauges.read(1, slow=True)
    gauges.read(1, slow=True)
    frame = gauges.read(1, slow=True)
    assert "backwards" in frame.absent["disk_read_bytes_per_s"]
    assert frame.readings["disk_write_bytes_per_s"] == 4000.0


def test_a_rate_spans_the_readings_between_that_did_not_ask() -> None:
    gauges = host(FakeMachine())
    gauges.read(1, slow=True)
    quick = gauges.read(1, slow=False)
    frame = gauges.read(1, slow=True)
    assert set(quick.readings) == {"cpu_percent"}
    assert quick.absent == {}
    assert frame.readings["disk_read_bytes_per_s"] == 500.0


def test_what_cannot_be_read_is_absent_with_the_systems_words() -> None:
    gauges = host(FakeMachine(broken=True, frequency=None, disks=iter([None, None])))
    gauges.read(1, slow=True)
    frame = gauges.read(1, slow=True)
    assert frame.readings == {}
    assert frame.absent["cpu_percent"] == "Permission denied: /proc/stat"
    assert frame.absent["network_send_bytes_per_s"] == "No such file or directory: /proc/net/dev"
    assert frame.absent["disk_read_bytes_per_s"] == "this machine counts none"
    assert frame.absent["frequency_mhz"] == "this machine does not say"


def test_memory_and_pressure_come_from_proc(tmp_path: Path) -> None:
    frame = ProcGauges(fake_proc(tmp_path), lambda: 5).read(2)
    assert frame.readings == {
        "memory_used_bytes": 600.0 * 1024,
        "memory_total_bytes": 1000.0 * 1024,
        "memory_available_bytes": 400.0 * 1024,
        "swap_used_bytes": 30.0 * 1024,
        "cpu_pressure_percent": 12.5,
        "memory_pressure_percent": 12.5,
        "io_pressure_percent": 12.5,
    }
    assert (frame.device, frame.source, frame.run, frame.at_ns) == ("host", "proc", 2, 5)
    assert set(frame.absent) == RATES


def test_stolen_time_and_swapping_are_of_the_time_since_the_reading_before(tmp_path: Path) -> None:
    proc = fake_proc(tmp_path)
    gauges = ProcGauges(proc, itertools.count(0, 500_000_000).__next__)
    first = gauges.read(2)
    (proc / "stat").write_text("cpu  150 0 60 920 10 0 5 55 9 0\n")
    (proc / "vmstat").write_text("pswpin 10\npswpout 400\n")
    second = gauges.read(2)
    assert set(first.absent) == RATES
    assert second.readings["cpu_steal_percent"] == 10.0, "20 of 200 ticks"
    assert second.readings["swap_in_bytes_per_s"] == 0.0
    assert second.readings["swap_out_bytes_per_s"] == 300 * os.sysconf("SC_PAGE_SIZE") / 0.5
    assert second.absent == {}


def test_swapping_is_looked_up_only_with_what_costs_more(tmp_path: Path) -> None:
    frame = ProcGauges(fake_proc(tmp_path), lambda: 5).read(2, slow=False)
    assert set(frame.absent) == {"cpu_steal_percent"}


@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_a_kernel_without_pressure_or_meminfo_gives_reasons_and_never_zeros(tmp_path: Path, damage: str) -> None:
    proc = fake_proc(tmp_path)
    for file in (proc / "meminfo", proc / "stat", proc / "vmstat", *(proc / "pressure").iterdir()):
        if damage == "missing":
            file.unlink()
        else:
            file.write_text("")
    frame = ProcGauges(proc, lambda: 5).read(2)
    assert frame.readings == {}
    assert len(frame.absent) == 10
    assert "does not count pressure" in frame.absent["io_pressure_percent"]


def test_this_machine_gives_readings_under_names_that_the_wire_knows() -> None:
    machine = PsutilMachine()
    ticks = itertools.count(0, 10**9)
    gauges = HostGauges(machine, ticks.__next__)
    gauges.read(0, slow=True)
    frames = (gauges.read(0, slow=True), ProcGauges(Path("/proc"), ticks.__next__).read(0))
    for frame in frames:
        assert set(frame.readings) | set(frame.absent) <= set(GAUGES)
    assert frames[0].core_percent
    assert frames[1].readings["memory_total_bytes"] > 0


def test_the_fingerprint_says_why_a_fact_is_missing(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text(MEMINFO)
    found = host_fingerprint(FakeMachine(), (), {"nvml": "no driver"}, proc=tmp_path, sys=tmp_path)
    assert (found.cpu, found.cores, found.governor, found.memory_bytes) == (None, None, None, 1000 * 1024)
    assert set(found.absent) == {"nvml", "cpu", "cores", "governor"}


def test_the_fingerprint_names_processor_and_governor(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: AMD EPYC 9654\n")
    policy = tmp_path / "devices/system/cpu/cpu0/cpufreq"
    policy.mkdir(parents=True)
    (policy / "scaling_governor").write_text("powersave\n")
    found = host_fingerprint(FakeMachine(), (), {}, proc=tmp_path, sys=tmp_path)
    assert (found.cpu, found.governor, found.memory_bytes) == ("AMD EPYC 9654", "powersave", None)
    assert set(found.absent) == {"cores", "memory_bytes"}


def test_the_fingerprint_says_what_the_kernel_leaves_to_it(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/cgroup").write_text("0::/pod\n")
    group = tmp_path / "fs/cgroup/pod"
    group.mkdir(parents=True)
    (group / "cpu.max").write_text("150000 100000\n")
    (group / "memory.max").write_text("1073741824\n")
    found = host_fingerprint(FakeMachine(), (), {}, proc=tmp_path, sys=tmp_path)
    assert (found.cpu_limit, found.memory_limit_bytes) == (1.5, 1 << 30)
    assert found.kernel
    assert found.cpu_set
    assert [(card.name, card.speed_bits_per_s) for card in found.interfaces] == [("eth0", 10e9)]


def test_a_set_of_processors_is_written_as_the_kernel_does() -> None:
    assert ranges([8, 0, 1, 2, 3]) == "0-3,8"
    assert ranges([]) == ""
