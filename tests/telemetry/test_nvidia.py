"""NVIDIA devices: every answer is a reading with its unit, every refusal is absent with the driver's words."""

from __future__ import annotations

import itertools

import pynvml
import pytest

from app.telemetry.nvidia import Nvidia
from app.telemetry.nvidia_border import Nvml
from tests.telemetry import h200
from tests.telemetry.fake_nvml import FakeDevice, FakeNvml
from workloads.wire.frames import Gauges
from workloads.wire.gauges import GAUGES


def nvidia(library: FakeNvml) -> Nvidia:
    """All devices of a library, with a clock that goes on by 250 ms a look."""
    return Nvidia(Nvml(library), itertools.count(1_000_000_000, 250_000_000).__next__)


def by_source(frames: list[Gauges]) -> dict[str, Gauges]:
    return {frame.source: frame for frame in frames}


def second_reading(library: FakeNvml) -> dict[str, Gauges]:
    devices = nvidia(library)
    devices.read(1, slow=True)
    return by_source(devices.read(1, slow=True))


def test_the_facts_are_the_devices_own() -> None:
    facts = nvidia(FakeNvml(FakeDevice())).devices[0].facts
    assert facts.device == "gpu0"
    assert (facts.name, facts.driver, facts.uuid, facts.compute_capability) == (
        "NVIDIA H200",
        "580.159.04",
        "GPU-0",
        "9.0",
    )
    assert (facts.memory_bytes, facts.cores, facts.power_limit_w) == (h200.MEMORY_TOTAL, 16896, 700.0)
    assert (facts.sm_clock_limit_mhz, facts.pcie_generation, facts.pcie_width) == (1980, 5, 16)
    assert (facts.vbios, facts.inforom, facts.power_limit_default_w) == (h200.VBIOS, h200.INFOROM, 700.0)
    assert (facts.sm_clock_application_mhz, facts.memory_clock_application_mhz) == (1980, 3201)
    assert (facts.ecc, facts.mig, facts.persistence) == (False, False, True)
    assert (facts.pcie_generation_now, facts.pcie_width_now) == (5, 16)
    assert facts.gpm
    assert facts.absent == {}


def test_a_fact_that_the_driver_refuses_is_absent_in_its_words() -> None:
    refused = {"nvmlDeviceGetMigMode": pynvml.NVML_ERROR_NOT_SUPPORTED}
    facts = nvidia(FakeNvml(FakeDevice(refused=refused))).devices[0].facts
    assert facts.mig is None
    assert facts.absent == {"mig": "Not Supported"}


def test_the_limit_of_the_memory_is_clock_times_width_times_two_transfers() -> None:
    facts = nvidia(FakeNvml(FakeDevice())).devices[0].facts
    assert facts.dram_limit_bytes_per_s == pytest.approx(4814.3e9, rel=1e-4)


def test_dram_bandwidth_is_what_a_copy_counted_within_one_per_cent() -> None:
    reading = second_reading(FakeNvml(FakeDevice()))["gpm"].readings["dram_bytes_per_s"]
    assert reading == pytest.approx(h200.COPY_COUNTED_BYTES_PER_S, rel=0.01)


def test_pcie_is_what_the_link_carried_a_little_more_than_the_payload() -> None:
    device = FakeDevice(metrics=dict(h200.HOST_TO_DEVICE))
    carried = second_reading(FakeNvml(device))["gpm"].readings["pcie_receive_bytes_per_s"]
    assert carried == 56321.025 * 2**20
    assert 1.05 < carried / h200.HOST_TO_DEVICE_COUNTED_BYTES_PER_S < 1.08


def test_plain_readings_have_si_units() -> None:
    frame = second_reading(FakeNvml(FakeDevice(processes=[(41, 5), (42, None)], graphics=[(41, 5), (7, 1)])))["nvml"]
    assert frame.readings == {
        "utilization_percent": 99.0,
        "memory_busy_percent": 2.0,
        "memory_used_bytes": float(h200.MEMORY_USED_IDLE),
        "memory_total_bytes": float(h200.MEMORY_TOTAL),
        "power_w": 673.19,
        "temperature_c": 39.0,
        "sm_clock_mhz": 1980.0,
        "memory_clock_mhz": 3201.0,
        "clock_event_reasons": 4.0,
        "energy_j": 2540.147,
        "memory_temperature_c": 42.0,
        "power_limit_w": 700.0,
    }
    assert frame.processes is not None
    assert {process.pid: process.memory_bytes for process in frame.processes} == {41: 5, 42: None, 7: 1}


def test_every_name_is_a_gauge_that_the_wire_knows() -> None:
    for frame in second_reading(FakeNvml(FakeDevice())).values():
        assert set(frame.readings) | set(frame.absent) <= set(GAUGES)


def test_a_frame_is_one_device_one_source_one_instant_of_the_run() -> None:
    devices = nvidia(FakeNvml(FakeDevice(), FakeDevice()))
    frames = devices.read(7, slow=True)
    assert [(frame.device, frame.source, frame.run) for frame in frames] == [
        ("gpu0", "nvml", 7),
        ("gpu0", "gpm", 7),
        ("gpu1", "nvml", 7),
        ("gpu1", "gpm", 7),
    ]
    assert [frame.at_ns for frame in frames] == sorted({frame.at_ns for frame in frames})


def test_the_first_reading_has_no_gpm_and_says_why() -> None:
    frame = by_source(nvidia(FakeNvml(FakeDevice())).read(1, slow=True))["gpm"]
    assert frame.readings == {}
    assert frame.absent["dram_percent"] == "the first reading: a rate needs two"


def test_each_gpm_reading_reuses_the_newer_sample_of_the_one_before() -> None:
    library = FakeNvml(FakeDevice())
    devices = nvidia(library)
    for _ in range(5):
        devices.read(1, slow=False)
    assert library.compared == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert library.calls["nvmlGpmSampleAlloc"] == 2


def test_a_metric_that_the_device_refuses_is_absent_and_the_others_go_on() -> None:
    device = FakeDevice(refused_metrics={pynvml.NVML_GPM_METRIC_ANY_TENSOR_UTIL: pynvml.NVML_ERROR_UNKNOWN})
    frame = second_reading(FakeNvml(device))["gpm"]
    assert frame.absent["tensor_active_percent"] == "Unknown Error"
    assert frame.readings["dram_percent"] == h200.COPY_DRAM_PERCENT
    assert "tensor_active_percent" not in frame.readings


def test_a_metric_that_is_not_supported_is_not_asked_for_again() -> None:
    refused = pynvml.NVML_GPM_METRIC_SM_UTIL
    library = FakeNvml(FakeDevice(refused_metrics={refused: pynvml.NVML_ERROR_NOT_SUPPORTED}))
    devices = nvidia(library)
    for _ in range(3):
        frames = devices.read(1, slow=False)
    first, second = library.asked_metrics
    assert set(first) - set(second) == {refused}
    assert by_source(frames)["gpm"].absent == {"sm_active_percent": "Not Supported"}


def test_copies_from_the_host_keep_the_gpu_utilized_and_its_multiprocessors_idle() -> None:
    frames = second_reading(FakeNvml(FakeDevice(metrics=dict(h200.HOST_TO_DEVICE))))
    assert frames["nvml"].readings["utilization_percent"] == 99.0
    assert frames["gpm"].readings["sm_active_percent"] == 0.0
    assert frames["gpm"].absent == {}


def test_a_metric_without_a_number_is_absent() -> None:
    device = FakeDevice(metrics={**h200.COPY, pynvml.NVML_GPM_METRIC_DRAM_BW_UTIL: float("nan")})
    frame = second_reading(FakeNvml(device))["gpm"]
    assert frame.absent["dram_percent"] == frame.absent["dram_bytes_per_s"] == "the driver gave no number"


def test_gpm_that_fails_once_comes_back() -> None:
    device = FakeDevice()
    devices = nvidia(FakeNvml(device))
    devices.read(1, slow=False)
    device.refused["nvmlGpmSampleGet"] = pynvml.NVML_ERROR_TIMEOUT
    failed = by_source(devices.read(1, slow=False))["gpm"]
    device.refused.clear()
    again = by_source(devices.read(1, slow=False))["gpm"]
    assert (failed.readings, failed.absent["dram_percent"]) == ({}, "Timeout")
    assert again.readings["dram_percent"] == h200.COPY_DRAM_PERCENT


def test_a_device_without_gpm_sends_no_gpm_frames_and_says_why() -> None:
    devices = nvidia(FakeNvml(FakeDevice(gpm=False)))
    assert list(by_source(devices.read(1, slow=True))) == ["nvml"]
    facts = devices.devices[0].facts
    assert not facts.gpm
    assert "Hopper" in facts.absent["gpm"]
    assert facts.absent["dram_percent"] == facts.absent["gpm"]


def test_without_bus_width_there_is_a_share_but_no_bytes_a_second() -> None:
    library = FakeNvml(FakeDevice(refused={"nvmlDeviceGetMemoryBusWidth": pynvml.NVML_ERROR_NOT_SUPPORTED}))
    frame = second_reading(library)["gpm"]
    assert frame.readings["dram_percent"] == h200.COPY_DRAM_PERCENT
    assert "how wide" in frame.absent["dram_bytes_per_s"]
    assert nvidia(library).devices[0].facts.absent == {"bus_width_bits": "Not Supported"}


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("nvmlDeviceGetUtilizationRates", {"utilization_percent", "memory_busy_percent"}),
        ("nvmlDeviceGetMemoryInfo", {"memory_used_bytes", "memory_total_bytes"}),
        ("nvmlDeviceGetPowerUsage", {"power_w"}),
        ("nvmlDeviceGetTemperature", {"temperature_c"}),
        ("nvmlDeviceGetClockInfo", {"sm_clock_mhz", "memory_clock_mhz"}),
        ("nvmlDeviceGetCurrentClocksEventReasons", {"clock_event_reasons"}),
        ("nvmlDeviceGetFieldValues", {"energy_j", "memory_temperature_c"}),
    ],
)
@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_UNKNOWN, pynvml.NVML_ERROR_NO_PERMISSION, 998])
def test_a_call_that_fails_is_absent_with_the_drivers_words_and_the_others_go_on(
    call: str, names: set[str], code: int
) -> None:
    device = FakeDevice()
    devices = nvidia(FakeNvml(device))
    device.refused[call] = code
    frame = by_source(devices.read(1, slow=True))["nvml"]
    assert set(frame.absent) == names
    assert all(frame.absent.values())
    assert not names & set(frame.readings)
    assert len(frame.readings) == 12 - len(names)


def test_a_call_that_is_not_supported_is_not_made_again_and_another_failure_is() -> None:
    device = FakeDevice()
    library = FakeNvml(device)
    devices = nvidia(library)
    device.refused = {
        "nvmlDeviceGetPowerUsage": pynvml.NVML_ERROR_NOT_SUPPORTED,
        "nvmlDeviceGetTemperature": pynvml.NVML_ERROR_UNKNOWN,
    }
    for _ in range(3):
        frame = by_source(devices.read(1, slow=False))["nvml"]
    assert library.calls["nvmlDeviceGetPowerUsage"] == 1
    assert library.calls["nvmlDeviceGetTemperature"] == 3
    assert frame.absent == {"power_w": "Not Supported", "temperature_c": "Unknown Error"}


def test_a_field_that_is_refused_goes_absent_by_itself() -> None:
    device = FakeDevice(refused_fields={pynvml.NVML_FI_DEV_MEMORY_TEMP: pynvml.NVML_ERROR_NOT_SUPPORTED})
    frame = second_reading(FakeNvml(device))["nvml"]
    assert frame.absent == {"memory_temperature_c": "Not Supported"}
    assert frame.readings["energy_j"] == 2540.147


def test_the_dear_readings_are_made_only_when_it_is_their_turn() -> None:
    library = FakeNvml(FakeDevice())
    frame = by_source(nvidia(library).read(1, slow=False))["nvml"]
    assert library.calls["nvmlDeviceGetFieldValues"] == 0
    assert "energy_j" not in frame.readings
    assert "energy_j" not in frame.absent


def test_processes_that_the_driver_does_not_tell_are_none_and_not_an_empty_list() -> None:
    device = FakeDevice(refused={"nvmlDeviceGetComputeRunningProcesses": pynvml.NVML_ERROR_NO_PERMISSION})
    frame = second_reading(FakeNvml(device))["nvml"]
    assert frame.processes is None
    assert frame.absent == {"processes": "Insufficient Permissions"}


def test_a_lost_device_is_absent_in_every_reading_and_is_left_alone() -> None:
    lost, well = FakeDevice(), FakeDevice()
    library = FakeNvml(lost, well)
    devices = nvidia(library)
    devices.read(1, slow=True)
    lost.lost = True
    devices.read(1, slow=True)
    calls = library.calls.copy()
    frames = devices.read(1, slow=True)
    gone = [frame for frame in frames if frame.device == "gpu0"]
    assert all(not frame.readings and set(frame.absent.values()) == {"GPU is lost"} for frame in gone)
    assert all(frame.readings for frame in frames if frame.device == "gpu1")
    assert library.calls["nvmlDeviceGetPowerUsage"] == calls["nvmlDeviceGetPowerUsage"] + 1


def test_a_device_that_cannot_be_opened_does_not_hide_the_others() -> None:
    devices = nvidia(FakeNvml(FakeDevice(lost=True), FakeDevice()))
    assert [device.facts.device for device in devices.devices] == ["gpu1"]
    assert "GPU is lost" in devices.absent["gpu0"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "no NVIDIA driver on this machine"),
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "not loaded"),
        (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "restart the machine"),
        (pynvml.NVML_ERROR_UNKNOWN, "Unknown Error"),
    ],
)
def test_without_a_driver_there_are_no_devices_and_the_reason_is_in_plain_words(code: int, said: str) -> None:
    devices = nvidia(FakeNvml(FakeDevice(), start=code))
    assert devices.read(1, slow=True) == []
    assert said in devices.absent["nvml"]


def test_a_driver_without_devices_says_so() -> None:
    assert "knows no device" in nvidia(FakeNvml()).absent["nvml"]
