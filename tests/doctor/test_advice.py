"""Advice: each disturbance is named with its remedy, and a quiet machine gets none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.doctor.advice import advise
from app.doctor.diagnosis import Advice, Facts, Folder, Gpu, Processors, Terminal, Torch
from workloads.wire.frames import DeviceFacts, Fingerprint, GpuProcess

GIB = 2**30
H200 = DeviceFacts(device="gpu0", name="NVIDIA H200", gpm=True)
QUIET = Facts(
    host="quiet",
    fingerprint=Fingerprint(governor="performance", devices=(H200,)),
    gpus=(Gpu(facts=H200, readings={"memory_used_bytes": 0.6 * GIB, "clock_event_reasons": 1.0}, processes=()),),
    readings={
        "cpu_percent": 1.0,
        "memory_available_bytes": 60.0 * GIB,
        "memory_total_bytes": 64.0 * GIB,
        "swap_used_bytes": 0.0,
    },
    processors=Processors(machine=16, allowed=16, load_1m=0.3),
    torch=Torch(version="2.13.0", built_for_cuda="13.0", cuda_usable=True, devices=1),
    sessions=Folder(path="/sessions", free_bytes=100 * GIB),
    terminal=Terminal(name="xterm-256color", colours=256),
)


def advice_with(**changes: Any) -> list[Advice]:
    """What is said about the quiet machine once these facts are different; what is well is left out."""
    facts = msgspec.structs.replace(QUIET, **changes)
    return [advice for advice in advise(facts) if advice.severity != "ok"]


def only(**changes: Any) -> Advice:
    (advice,) = advice_with(**changes)
    assert advice.remedy
    return advice


def gpu_with(**changes: Any) -> Advice:
    return only(gpus=(msgspec.structs.replace(QUIET.gpus[0], **changes),))


def readings(**changes: float) -> dict[str, float]:
    return {**QUIET.readings, **changes}


def test_a_quiet_machine_gets_no_warning() -> None:
    assert advice_with() == []


def test_no_driver_is_told_in_the_samplers_words() -> None:
    advice = only(gpus=(), fingerprint=Fingerprint(absent={"nvml": "no NVIDIA driver"}), torch=Torch(version="2"))
    assert (advice.severity, advice.what) == ("warning", "no GPU readings: no NVIDIA driver")


def test_a_device_that_cannot_be_opened_is_a_problem() -> None:
    advice = only(fingerprint=Fingerprint(absent={"gpu3": "GPU is lost"}))
    assert (advice.severity, advice.what) == ("problem", "gpu3 cannot be opened: GPU is lost")


def test_a_device_without_gpm_is_told() -> None:
    advice = gpu_with(facts=DeviceFacts(device="gpu0", name="A100", absent={"gpm": "Hopper and later do"}))
    assert "no SM, tensor and DRAM activity: Hopper and later do" in advice.what


def test_readings_that_the_device_refuses_are_named_once_for_each_reason() -> None:
    advice = gpu_with(absent=dict.fromkeys(("sm_active_percent", "sm_occupancy_percent"), "Not Supported"))
    assert advice.what == "gpu0 does not give SM active, occupancy: Not Supported"


def test_a_foreign_process_is_told_with_its_memory_and_pid() -> None:
    advice = gpu_with(processes=(GpuProcess(41, 3 * GIB), GpuProcess(42)))
    assert advice.what == "2 other processes hold 3.00 GiB on gpu0 (pid 41, 42)"


def test_memory_that_nobody_visible_holds_is_told() -> None:
    advice = gpu_with(readings={"memory_used_bytes": 80.0 * GIB})
    assert "80.0 GiB are taken on gpu0 by processes that cannot be seen" in advice.what


@pytest.mark.parametrize(
    ("mask", "told"), [(0x2, "clocks set by a user"), (0x80, "power brake"), (0x40 | 1, "hardware thermal slowdown")]
)
def test_a_device_that_is_held_back_is_told(mask: int, told: str) -> None:
    assert told in gpu_with(readings={"clock_event_reasons": float(mask)}).what


def test_a_powersave_governor_is_told() -> None:
    assert "powersave" in only(fingerprint=Fingerprint(governor="powersave")).what


@pytest.mark.parametrize(
    ("available", "severity"), [(0.3 * GIB, "problem"), (1.5 * GIB, "warning"), (6.0 * GIB, "warning")]
)
def test_little_memory_is_told(available: float, severity: str) -> None:
    assert only(readings=readings(memory_available_bytes=available)).severity == severity


def test_swap_in_use_is_told() -> None:
    assert "1.00 GiB are swapped out" in only(readings=readings(swap_used_bytes=1.0 * GIB)).what


def test_a_load_from_others_is_told() -> None:
    assert "other programs use 37.0 %" in only(readings=readings(cpu_percent=37.0)).what


def test_a_load_of_the_last_minute_is_told_though_it_rests_just_now() -> None:
    assert "12 tasks ran on 16" in only(processors=Processors(machine=16, allowed=16, load_1m=12.0)).what


def test_fewer_processors_than_the_machine_has_is_told() -> None:
    assert "only 4 of the machine's 16" in only(processors=Processors(machine=16, allowed=4)).what


def test_a_quota_is_told_when_it_is_less_than_what_is_allowed() -> None:
    assert "a quota allows 2.5 processors" in only(processors=Processors(machine=16, allowed=16, quota=2.5)).what
    assert advice_with(processors=Processors(machine=16, allowed=16, quota=16.0)) == []


def test_a_battery_that_drains_is_told() -> None:
    assert "battery" in only(on_battery=True).what
    assert advice_with(on_battery=False) == []


def test_a_torch_that_cannot_be_imported_is_a_problem() -> None:
    advice = only(torch=Torch(reason="libcudart.so.13: cannot open"))
    assert (advice.severity, advice.what) == ("problem", "torch cannot be used: libcudart.so.13: cannot open")


def test_a_torch_that_cannot_use_the_gpu_that_is_there_is_a_problem_with_its_reason() -> None:
    advice = only(torch=Torch(version="2.13.0+cpu", reason="this torch is built without CUDA"))
    assert (advice.severity, advice.what) == (
        "problem",
        "torch 2.13.0+cpu cannot use the GPU: this torch is built without CUDA",
    )


@pytest.mark.parametrize(
    ("folder", "severity"),
    [
        (Folder(path="/s", free_bytes=GIB // 2), "problem"),
        (Folder(path="/s", free_bytes=3 * GIB), "warning"),
        (Folder(path="/s", reason="/ may not be written to"), "problem"),
    ],
)
def test_a_full_disk_or_a_closed_folder_is_told(folder: Folder, severity: str) -> None:
    advice = only(sessions=folder)
    assert advice.severity == severity
    assert "BENCHTOP_HOME" in advice.remedy


@pytest.mark.parametrize("colours", [0, 16])
def test_a_terminal_with_few_colours_is_told(colours: int) -> None:
    assert "colours" in only(terminal=Terminal(name="dumb", colours=colours)).what


def test_a_sampler_without_an_answer_is_a_problem() -> None:
    advice = only(sampler_trouble="no answer within 20 s: a driver hangs")
    assert (advice.severity, "a driver hangs" in advice.what) == ("problem", True)


def test_problems_come_first_and_what_is_well_last() -> None:
    facts = msgspec.structs.replace(QUIET, on_battery=True, sampler_trouble="it hangs")
    severities = [advice.severity for advice in advise(facts)]
    assert severities == sorted(severities, key=["problem", "warning", "ok"].index)
    assert {"problem", "warning", "ok"} == set(severities)


def test_a_machine_of_which_nothing_is_known_is_no_error() -> None:
    assert advise(Facts())
