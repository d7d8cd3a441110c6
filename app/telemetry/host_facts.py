"""What does not change about the host: its part of the fingerprint, and which fact it does not give."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection
from pathlib import Path

from app.telemetry.control_groups import cpu_quota, memory_limit_bytes
from app.telemetry.host_border import Machine
from app.telemetry.host_proc import memory_amounts
from workloads.wire.frames import DeviceFacts, Fingerprint, NetworkInterface


def host_fingerprint(
    machine: Machine,
    devices: tuple[DeviceFacts, ...],
    device_absent: dict[str, str],
    proc: Path = Path("/proc"),
    sys: Path = Path("/sys"),
) -> Fingerprint:
    """The host and its devices. What it does not give is None, and `absent` says why."""
    absent = dict(device_absent)
    cpu, cores, policy = cpu_model(proc), machine.physical_cores(), governor(sys)
    if cpu is None:
        absent["cpu"] = "/proc/cpuinfo gives no model name"
    if cores is None:
        absent["cores"] = "the machine does not say how its processors share cores"
    if policy is None:
        absent["governor"] = "the kernel gives no cpufreq governor, as in most virtual machines"
    allowed = os.sched_getaffinity(0)
    return Fingerprint(
        platform=platform.platform(),
        python=platform.python_version(),
        cpu=cpu,
        cores=cores,
        threads=len(allowed),
        memory_bytes=_memory_bytes(proc, absent),
        governor=policy,
        devices=devices,
        absent=absent,
        kernel=platform.release(),
        cpu_limit=cpu_quota(proc, sys),
        memory_limit_bytes=memory_limit_bytes(proc, sys),
        cpu_set=ranges(allowed),
        interfaces=_interfaces(machine, absent),
    )


def ranges(numbers: Collection[int]) -> str:
    """Whole numbers as the kernel writes a set of processors: `0-3,8`."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in stretches)


def cpu_model(proc: Path) -> str | None:
    """The processor's name, or None."""
    try:
        lines = (proc / "cpuinfo").read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def governor(sys: Path) -> str | None:
    """The frequency governor of the first processor, or None."""
    try:
        return (sys / "devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text().strip() or None
    except OSError:
        return None


def _interfaces(machine: Machine, absent: dict[str, str]) -> tuple[NetworkInterface, ...]:
    try:
        return machine.interfaces()
    except OSError as error:
        absent["interfaces"] = f"the kernel does not list them: {error}"
        return ()


def _memory_bytes(proc: Path, absent: dict[str, str]) -> int | None:
    try:
        return memory_amounts(proc)["MemTotal"]
    except (OSError, KeyError):
        absent["memory_bytes"] = "/proc/meminfo does not say"
        return None
