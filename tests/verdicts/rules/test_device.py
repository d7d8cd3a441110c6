"""Rules about the device, on what an H200 read under known loads and on near misses."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.roofs.roofline import Roofline
from app.verdicts.rules import device as device_rules
from app.verdicts.rules.device.allocator import allocator_churn
from app.verdicts.rules.device.bandwidth import bandwidth_bound
from app.verdicts.rules.device.compute import compute_bound
from app.verdicts.rules.device.memory import memory_nearly_full
from app.verdicts.rules.device.occupancy import low_occupancy
from app.verdicts.rules.device.power import power_capped
from app.verdicts.rules.device.roof import FEW
from app.verdicts.rules.device.tensor_cores import tensor_cores_unused
from app.verdicts.rules.device.thermal import thermally_throttled
from app.verdicts.window import DeviceMeans, Window
from tests.verdicts.h200 import (
    CAPPED,
    COPY,
    HOST_TO_DEVICE,
    IDLE,
    MATMUL,
    SMALL_LAUNCHES,
    device,
    on_h200,
    without_gpm,
)
from tests.verdicts.windows import H200, gauges, happened, started, steps, window
from workloads.wire.frames import Missing, Value, Verdict


def verdicts(of: Window) -> dict[str, Verdict]:
    """What all rules about the device say."""
    found = [rule(of) for rule in device_rules.RULES]
    return {each.kind: each for each in found if isinstance(each, Verdict)}


@pytest.mark.parametrize(
    ("of", "kinds"),
    [
        (device(IDLE), set()),
        (device(COPY), {"bandwidth-bound"}),
        (device(MATMUL, CAPPED), {"compute-bound", "power-capped"}),
        (device(SMALL_LAUNCHES), set()),
        (device(HOST_TO_DEVICE), set()),
        (without_gpm(IDLE), set()),
        (without_gpm(COPY), {"bandwidth-bound"}),
        (without_gpm(MATMUL, CAPPED), {"compute-bound", "power-capped"}),
        (without_gpm(SMALL_LAUNCHES), set()),
        (without_gpm(HOST_TO_DEVICE), set()),
    ],
)
def test_loads_of_an_h200_give_the_verdicts_that_they_are_made_of(of: DeviceMeans, kinds: set[str]) -> None:
    found = verdicts(on_h200(of))
    assert set(found) == kinds
    assert {verdict.severity for verdict in found.values()} <= {"info"}


def test_a_copy_names_its_bandwidth_and_what_the_largest_would_give() -> None:
    verdict = bandwidth_bound(on_h200(device(COPY)))
    assert isinstance(verdict, Verdict)
    assert verdict.summary == "bandwidth-bound: 89 % of DRAM bandwidth is used"
    assert verdict.bound == pytest.approx(1.0, abs=0.01)
    assert verdict.confidence == "high"


def test_memory_that_is_far_from_its_bandwidth_and_still_the_nearest_limit_says_so() -> None:
    """A GPT that decodes one sequence in small kernels: no word of a bandwidth that is used up."""
    decoding = device(COPY, dram_percent=25.7, fp32_active_percent=5.7, sm_active_percent=88.3)
    verdict = bandwidth_bound(on_h200(decoding))
    assert isinstance(verdict, Verdict)
    assert verdict.summary == "bandwidth-bound: memory is its nearest limit: 26 % of DRAM bandwidth is used"
    assert verdict.confidence == "medium"
    assert next(each.limit for each in verdict.evidence if each.name == "DRAM bandwidth") == FEW


def test_a_bandwidth_that_stands_by_hysteresis_alone_is_not_told_as_used_up() -> None:
    below = on_h200(device(COPY, dram_percent=56.0, fp32_active_percent=5.7), standing=frozenset({"bandwidth-bound"}))
    verdict = bandwidth_bound(below)
    assert isinstance(verdict, Verdict)
    assert "nearest limit" in verdict.summary


def test_products_name_their_units() -> None:
    verdict = compute_bound(on_h200(device(MATMUL)))
    assert isinstance(verdict, Verdict)
    assert verdict.summary == "compute-bound: tensor cores are busy 93 % of the time"
    assert verdict.bound == pytest.approx(1.0, abs=0.01)


def test_float32_weights_on_tensor_cores_are_told_nothing_of_types() -> None:
    """They are used under autocast, or in tf32."""
    verdict = compute_bound(on_h200(device(MATMUL), started=started("cuda:0", precision="float32")))
    assert isinstance(verdict, Verdict)
    assert "precision" not in verdict.next
    assert verdict.experiment == ""


@pytest.mark.parametrize(
    ("parameters", "tried"),
    [
        ({"compile": False}, "--set train/gpt.compile=true"),
        ({"compile": True}, "fewer operations"),
        ({}, "fewer operations"),
    ],
)
def test_a_workload_is_compiled_only_where_it_can_be(parameters: dict[str, Value], tried: str) -> None:
    own = started("cuda:0", workload="train/gpt", parameters=parameters, precision="bfloat16")
    verdict = compute_bound(on_h200(device(MATMUL), started=own, hooked=False))
    assert isinstance(verdict, Verdict)
    assert verdict.next.startswith(tried)


def test_training_that_mixes_products_and_memory_is_at_a_limit_too() -> None:
    """A GPT at an MFU of 45 %: neither tensor cores nor memory is near its own peak, and the device never waits."""
    mixed = device(MATMUL, tensor_active_percent=48.0, dram_percent=41.0, sm_active_percent=94.0)
    found = verdicts(on_h200(mixed))
    assert set(found) == {"compute-bound"}
    assert found["compute-bound"].confidence == "medium"


def test_element_by_element_work_that_keeps_the_device_busy_is_bound_by_memory() -> None:
    found = verdicts(on_h200(device(COPY, dram_percent=45.0, fp32_active_percent=8.0)))
    assert set(found) == {"bandwidth-bound"}


def test_a_device_that_waits_a_third_of_the_time_has_no_limit_of_its_own() -> None:
    waits = device(MATMUL, graphics_active_percent=65.0, tensor_active_percent=50.0, sm_active_percent=62.0)
    assert verdicts(on_h200(waits)) == {}


def test_counters_that_are_not_there_are_named() -> None:
    said = compute_bound(on_h200(without_gpm(SMALL_LAUNCHES)))
    assert isinstance(said, Missing)
    assert "SM active" in said.what
    assert "Hopper and later" in said.what
    assert isinstance(low_occupancy(on_h200(without_gpm(COPY))), Missing)
    assert isinstance(tensor_cores_unused(on_h200(without_gpm(COPY))), Missing)
    assert isinstance(power_capped(on_h200(gauges("gpu0", H200, power_w=300.0))), Missing)
    assert isinstance(thermally_throttled(on_h200(gauges("gpu0", H200, power_w=300.0))), Missing)
    assert isinstance(memory_nearly_full(on_h200(gauges("gpu0", H200, power_w=300.0))), Missing)
    assert isinstance(allocator_churn(on_h200(device(MATMUL))), Missing)


def test_utilization_alone_proves_nothing() -> None:
    assert verdicts(on_h200(gauges("gpu0", H200, utilization_percent=99.0))) == {}


def test_counted_operations_do_without_counters() -> None:
    counted = started("cuda:0", precision="bfloat16", flops_per_unit=1e10, limit_flops_per_s=1e12)
    verdict = compute_bound(on_h200(without_gpm(SMALL_LAUNCHES), started=counted, steps=steps(200, 50.0, samples=400)))
    assert isinstance(verdict, Verdict)
    assert "40 % of the published peak" in verdict.summary
    assert verdict.bound == pytest.approx(2.5)


class TestLowOccupancy:
    """low-occupancy."""

    def test_small_kernels_one_after_the_other_use_few_multiprocessors(self) -> None:
        small = device(MATMUL, sm_active_percent=8.0, tensor_active_percent=1.0, dram_percent=0.5)
        found = verdicts(on_h200(small))
        assert set(found) == {"low-occupancy"}
        assert found["low-occupancy"].severity == "warning"
        assert found["low-occupancy"].bound == pytest.approx(12.5)
        assert found["low-occupancy"].experiment == "double-batch"
        assert "8.0 % of the multiprocessors" in found["low-occupancy"].summary

    def test_few_warps_count_where_nothing_is_near_its_limit(self) -> None:
        few = device(
            MATMUL, sm_active_percent=90.0, sm_occupancy_percent=6.0, tensor_active_percent=3.0, dram_percent=5.0
        )
        assert set(verdicts(on_h200(few))) == {"low-occupancy"}

    def test_products_need_few_warps_and_are_left_alone(self) -> None:
        assert low_occupancy(on_h200(device(MATMUL, sm_active_percent=98.0, sm_occupancy_percent=12.0))) is None

    def test_a_device_that_waits_for_the_host_is_not_told_to_have_small_kernels(self) -> None:
        assert low_occupancy(on_h200(device(SMALL_LAUNCHES, sm_active_percent=2.0))) is None

    def test_a_workload_of_benchtop_is_told_its_parameter(self) -> None:
        small = device(MATMUL, sm_active_percent=8.0, tensor_active_percent=1.0, dram_percent=0.5)
        own = started("cuda:0", workload="train/digits", parameters={"batch": 256})
        verdict = low_occupancy(on_h200(small, started=own, hooked=False))
        assert isinstance(verdict, Verdict)
        assert verdict.next == "--set train/digits.batch=512"


class TestTensorCores:
    """tensor-cores-unused."""

    HONEST = device(MATMUL, tensor_active_percent=0.0, fp32_active_percent=88.0, sm_active_percent=97.0)

    def test_products_in_float32_are_told_the_line_that_lets_tensor_cores_do_them(self) -> None:
        of = on_h200(self.HONEST, started=started("cuda:0", precision="float32"))
        found = verdicts(of)
        assert set(found) == {"compute-bound", "tensor-cores-unused"}
        verdict = found["tensor-cores-unused"]
        assert verdict.severity == "warning"
        assert 'torch.set_float32_matmul_precision("high")' in verdict.next
        assert verdict.experiment == "tf32"
        assert verdict.bound == pytest.approx(1 / (0.12 + 0.88 / (494.7 / 66.9)), rel=1e-3)

    def test_measured_peaks_come_before_published_ones(self) -> None:
        roof = Roofline(device_name="NVIDIA H200", host="h", kind="cuda", flops_per_s={"float32": 5e13, "tf32": 3e14})
        of = on_h200(self.HONEST, started=started("cuda:0", precision="float32"), roofline=roof)
        verdict = tensor_cores_unused(of)
        assert isinstance(verdict, Verdict)
        assert "6.0 times" in verdict.bound_because

    def test_sizes_are_suspected_where_the_type_allows_them_already(self) -> None:
        verdict = tensor_cores_unused(on_h200(self.HONEST))
        assert isinstance(verdict, Verdict)
        assert "multiples of 8" in verdict.next

    @pytest.mark.parametrize(
        "of",
        [
            device(MATMUL),
            device(COPY),
            device(COPY, fp32_active_percent=35.0),
            device(MATMUL, tensor_active_percent=12.0, fp32_active_percent=60.0),
            device(MATMUL, tensor_active_percent=0.0, fp64_active_percent=80.0),
        ],
        ids=["bfloat16", "copies", "element-by-element", "some", "float64"],
    )
    def test_it_is_silent_where_they_are_used_or_cannot_be(self, of: DeviceMeans) -> None:
        assert tensor_cores_unused(on_h200(of, started=started("cuda:0", precision="float32"))) is None

    def test_a_device_without_them_is_never_told(self) -> None:
        old = replace(self.HONEST, facts=replace(H200, compute_capability="6.0"))
        assert tensor_cores_unused(on_h200(old)) is None


class TestPower:
    """power-capped."""

    def test_a_full_board_at_its_own_cap_is_as_it_should_be(self) -> None:
        verdict = power_capped(on_h200(device(MATMUL, CAPPED)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "info"
        assert "100 % of the readings: 1,440 of 1,980 MHz" in verdict.summary
        assert verdict.bound == pytest.approx(1.375)

    def test_a_limit_that_was_lowered_is_a_warning_with_the_command_that_puts_it_back(self) -> None:
        verdict = power_capped(on_h200(device(MATMUL, CAPPED, power_w=400.0, power_limit_w=400.0)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"
        assert verdict.next == "sudo nvidia-smi -i 0 -pl 700"
        assert "400 of 700 W" in verdict.summary

    def test_less_than_half_the_clock_is_a_warning(self) -> None:
        verdict = power_capped(on_h200(device(MATMUL, CAPPED, sm_clock_mhz=900.0)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"

    def test_the_brake_of_the_machine_is_a_warning(self) -> None:
        verdict = power_capped(on_h200(device(MATMUL, {0x80: 0.9, 0x08: 0.9})))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"
        assert thermally_throttled(on_h200(device(MATMUL, {0x80: 0.9, 0x08: 0.9}))) is None

    def test_a_peak_now_and_then_is_nothing(self) -> None:
        assert power_capped(on_h200(device(MATMUL, {0x04: 0.3}))) is None


class TestHeat:
    """thermally-throttled."""

    @pytest.mark.parametrize("bit", [0x08, 0x20, 0x40])
    def test_heat_is_a_warning_with_what_the_clock_lost(self, bit: int) -> None:
        of = device(MATMUL, {bit: 0.5}, sm_clock_mhz=1_320.0, temperature_c=90.0)
        verdict = thermally_throttled(on_h200(of))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"
        assert "90 °C" in verdict.summary
        assert verdict.bound == pytest.approx(1.5)

    def test_a_clock_below_half_is_critical(self) -> None:
        verdict = thermally_throttled(on_h200(device(MATMUL, {0x40: 1.0}, sm_clock_mhz=345.0)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "critical"

    def test_a_single_reading_is_nothing(self) -> None:
        assert thermally_throttled(on_h200(device(MATMUL, {0x20: 0.05}))) is None


class TestMemory:
    """memory-nearly-full."""

    TOTAL = 150_754_820_096.0

    def test_tensors_that_fill_the_device_are_told(self) -> None:
        full = device(MATMUL, memory_used_bytes=0.97 * self.TOTAL, torch_allocated_bytes=0.93 * self.TOTAL)
        verdict = memory_nearly_full(on_h200(full))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"
        assert "97 % of gpu0's 140 GiB" in verdict.summary

    def test_memory_that_the_allocator_keeps_free_is_not_full(self) -> None:
        kept = device(MATMUL, memory_used_bytes=0.97 * self.TOTAL, torch_allocated_bytes=0.4 * self.TOTAL)
        assert memory_nearly_full(on_h200(kept)) is None

    def test_what_servers_take_on_purpose_is_not_full(self) -> None:
        assert memory_nearly_full(on_h200(device(MATMUL, memory_used_bytes=0.91 * self.TOTAL))) is None

    def test_on_a_processor_it_is_the_hosts_memory(self) -> None:
        host = gauges("host", memory_total_bytes=64e9, memory_available_bytes=2e9)
        verdict = memory_nearly_full(window(host=host))
        assert isinstance(verdict, Verdict)
        assert "1.86 GiB" in verdict.summary
        assert memory_nearly_full(window()) is None


class TestAllocator:
    """allocator-churn."""

    @staticmethod
    def of(**grown: float) -> DeviceMeans:
        """A device whose counters grew so much."""
        plain = device(MATMUL | dict.fromkeys(grown, 100.0))
        return replace(plain, grown=plain.grown | grown)

    def test_memory_that_is_asked_for_in_every_step_is_told(self) -> None:
        verdict = allocator_churn(on_h200(self.of(torch_device_mallocs=600.0, torch_retries=0.0)))
        assert isinstance(verdict, Verdict)
        assert "3.0 requests" in verdict.summary
        assert "empty_cache" in verdict.next

    def test_retries_are_told_with_the_time_that_they_took(self) -> None:
        of = on_h200(self.of(torch_device_mallocs=3.0), happened=happened("allocator-retry", 20, 100.0))
        verdict = allocator_churn(of)
        assert isinstance(verdict, Verdict)
        assert verdict.bound == pytest.approx(1.25)

    def test_a_few_for_a_longer_sequence_are_nothing(self) -> None:
        assert allocator_churn(on_h200(self.of(torch_device_mallocs=12.0, torch_retries=0.0))) is None

    def test_memory_that_only_grows_is_no_churn(self) -> None:
        grown = self.of(torch_device_mallocs=600.0, torch_retries=0.0, torch_reserved_bytes=600.0 * (20 << 20))
        assert allocator_churn(on_h200(grown)) is None

    def test_a_handful_of_steps_is_too_few(self) -> None:
        assert isinstance(allocator_churn(on_h200(self.of(torch_device_mallocs=50.0), steps=steps(3))), Missing)


class TestProcessor:
    """compute-bound and bandwidth-bound on a processor."""

    ROOF = Roofline(device_name="a processor", host="h", kind="cpu", flops_per_s={"float32": 1e11}, bytes_per_s=1e10)

    @staticmethod
    def own(**fields: object) -> Window:
        """A run of benchtop's own on four processors, all of them busy."""
        given = {
            "hooked": False,
            "worker": gauges("worker", cpu_percent=390.0),
            "steps": steps(200, 50.0, samples=2_000, data_wait=0.01),
        }
        return window(**given | fields)

    def test_busy_threads_that_wait_for_nothing_are_at_their_limit(self) -> None:
        verdict = compute_bound(self.own())
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "info"
        assert verdict.confidence == "medium"
        assert "3.9 of 4 processors" in verdict.summary
        assert verdict.bound is None

    def test_of_a_script_that_is_listened_to_nothing_more_is_known(self) -> None:
        verdict = compute_bound(self.own(hooked=True))
        assert isinstance(verdict, Verdict)
        assert verdict.confidence == "low"

    def test_operations_near_the_measured_peak_make_it_certain(self) -> None:
        counted = started(flops_per_unit=4e8, bytes_per_unit=1e6)
        verdict = compute_bound(self.own(started=counted, roofline=self.ROOF))
        assert isinstance(verdict, Verdict)
        assert verdict.confidence == "high"
        assert verdict.bound == pytest.approx(1.25)

    def test_one_busy_processor_of_four_asks_for_more_work_a_call(self) -> None:
        verdict = compute_bound(self.own(worker=gauges("worker", cpu_percent=99.0)))
        assert isinstance(verdict, Verdict)
        assert verdict.confidence == "low"
        assert verdict.experiment == "double-batch"

    def test_threads_that_were_set_count(self) -> None:
        verdict = compute_bound(
            self.own(worker=gauges("worker", cpu_percent=99.0), started=started(parameters={"threads": 1}))
        )
        assert isinstance(verdict, Verdict)
        assert "1.0 of 1 processors" in verdict.summary

    def test_waiting_for_data_is_no_limit_of_the_processor(self) -> None:
        assert compute_bound(self.own(steps=steps(data_wait=0.3))) is None

    def test_an_idle_processor_is_not_at_its_limit(self) -> None:
        assert compute_bound(self.own(worker=gauges("worker", cpu_percent=30.0))) is None

    def test_without_readings_of_the_workload_nothing_is_said(self) -> None:
        assert isinstance(compute_bound(self.own(worker=gauges("worker"))), Missing)

    def test_bytes_at_the_speed_of_a_copy_are_bound_by_memory(self) -> None:
        copies = self.own(started=started(bytes_per_unit=4e7), roofline=self.ROOF)
        verdict = bandwidth_bound(copies)
        assert isinstance(verdict, Verdict)
        assert verdict.summary == "bandwidth-bound: operators move 80 % of the measured memory bandwidth"
        assert verdict.bound == pytest.approx(1.25)
        assert compute_bound(copies) is None

    def test_bytes_that_come_from_caches_are_not(self) -> None:
        assert bandwidth_bound(self.own(started=started(bytes_per_unit=1e8), roofline=self.ROOF)) is None

    def test_what_was_not_probed_or_counted_is_named(self) -> None:
        said = bandwidth_bound(self.own(started=started(bytes_per_unit=4e7)))
        assert isinstance(said, Missing)
        assert "benchtop run probe/copy" in said.what
        assert isinstance(bandwidth_bound(self.own()), Missing)

    def test_rules_about_gpus_are_silent(self) -> None:
        assert set(verdicts(self.own())) == {"compute-bound"}
