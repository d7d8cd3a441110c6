"""A repeat that differs is told with the state of the machine that differed; others on the machine are told always."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.analysis.judging.machine_cautions import machine_cautions, shared_cautions, used_devices
from app.analysis.machine.differences import deviating, state_cautions
from app.analysis.machine.state import DeviceState, HostState, MachineState
from app.analysis.summary.metrics import BY_NAME
from app.analysis.summary.report import RunSummary
from app.session.results.caution import Caution
from tests.session.frames import started

USUAL = DeviceState(
    device="gpu0",
    sm_clock_mhz=1980.0,
    temperature_max_c=60.0,
    power_capped_fraction=0.0,
    foreign_processes=0,
    own_processes=1,
)
QUIET = HostState(host="host", cpu_steal_percent=0.1, frequency_mhz=2300.0)
ON_GPU = replace(started(), device="cuda:0")
RATE, LATENCY = BY_NAME["samples_per_s"], BY_NAME["latency_p50_ms"]


def run_of(number: int, rate: float, device: DeviceState = USUAL, host: HostState = QUIET) -> RunSummary:
    state = MachineState(devices=(device,), hosts=(host,))
    return RunSummary(run=number, workload="w", outcome="done", started=ON_GPU, samples_per_s=rate, state=state)


def cautions_of(*runs: RunSummary) -> tuple[Caution, ...]:
    return state_cautions(runs, {run.run: run.run for run in runs}, RATE, 7)


def test_a_slow_repeat_is_told_with_the_clock_and_the_power_cap_that_differed() -> None:
    held = replace(USUAL, sm_clock_mhz=1455.0, power_capped_fraction=0.83)
    runs = [run_of(number, 1000.0 + number) for number in (1, 2, 3, 5)]
    (caution,) = cautions_of(*runs, run_of(4, 942.0, held))
    assert caution.kind == "state-differs"
    assert caution.message == (
        "repeat 4 is 6.0 % slower than the median; "
        "SM clock 1,455 MHz against 1,980, power cap 83.0 % of the time against 0.0 %"
    )
    assert (caution.run, caution.variant) == (4, 7)
    assert "clocks" in caution.remedy


def test_a_fast_repeat_differs_too_and_the_host_is_looked_at() -> None:
    runs = [run_of(number, 1000.0, host=replace(QUIET, cpu_steal_percent=12.0)) for number in (1, 2, 3)]
    (caution,) = cautions_of(*runs, run_of(4, 1100.0))
    assert caution.message == "repeat 4 is 10.0 % faster than the median; CPU steal 0.1 % against 12.0 %"


def test_a_state_that_differs_the_other_way_explains_nothing() -> None:
    busy = replace(QUIET, other_processors=1.2, cpu_pressure_percent=20.0)
    usual = replace(QUIET, other_processors=0.0, cpu_pressure_percent=70.0)
    runs = [run_of(number, 1000.0, host=usual) for number in (1, 2, 3)]
    (caution,) = cautions_of(*runs, run_of(4, 900.0, host=busy))
    assert caution.message == "repeat 4 is 10.0 % slower than the median; busy for others 1.2 processors against 0.0"
    assert cautions_of(*runs, run_of(4, 1100.0, replace(USUAL, sm_clock_mhz=1455.0), usual)) == ()


def test_without_a_difference_in_state_there_is_nothing_to_name() -> None:
    runs = [run_of(number, 1000.0) for number in (1, 2, 3)]
    assert cautions_of(*runs, run_of(4, 900.0)) == ()
    assert cautions_of(*runs, run_of(4, 900.0, replace(USUAL, temperature_max_c=64.0))) == ()


def test_what_was_not_read_is_no_difference() -> None:
    runs = [run_of(number, 1000.0) for number in (1, 2, 3)]
    blind = replace(USUAL, sm_clock_mhz=None, temperature_max_c=None)
    assert cautions_of(*runs, run_of(4, 900.0, blind)) == ()
    assert cautions_of(*runs, replace(run_of(4, 900.0), state=None)) == ()


def test_a_state_that_differs_without_effect_is_not_worth_a_word() -> None:
    runs = [run_of(number, 1000.0) for number in (1, 2, 3)]
    assert cautions_of(*runs, run_of(4, 1000.0, replace(USUAL, sm_clock_mhz=1455.0))) == ()


def test_higher_is_slower_where_the_headline_is_a_latency() -> None:
    assert LATENCY.better == "lower"
    slow = {number: run_of(number, 1.0) for number in (1, 2, 3)}
    metric = LATENCY._replace(read=lambda run: run.samples_per_s)
    held = run_of(4, 1.5, replace(USUAL, sm_clock_mhz=1455.0))
    (caution,) = state_cautions([*slow.values(), held], {1: 1, 2: 2, 3: 3, 4: 4}, metric, 1)
    assert caution.message.startswith("repeat 4 is 50.0 % slower than the median; SM clock")


@pytest.mark.parametrize(
    ("values", "off"),
    [
        ((100.0, 110.0), set()),
        ((100.0, 100.0, 97.0), {3}),
        ((100.0, 100.1, 99.0), set()),
        ((100.0, 100.1, 99.9, 100.0, 100.1, 99.0), {6}),
        ((100.0, 100.1, 99.9, 100.0, 100.1, 99.7), set()),
        ((100.0, 101.0, 99.0, 100.5, 99.5, 98.5), set()),
    ],
)
def test_how_far_is_off(values: tuple[float, ...], off: set[int]) -> None:
    """2 %, and from six repeats on three robust deviations that are half a per cent at least; of two, nobody knows."""
    assert set(deviating(dict(enumerate(values, 1)))) == off


def test_somebody_else_on_the_device_on_the_processors_and_in_swap() -> None:
    device = replace(USUAL, foreign_processes=2, foreign_memory_bytes=3.0 * 2**30, foreign_fraction=1.0)
    host = replace(QUIET, cpu_steal_percent=4.0, swap_out_bytes_per_s=5e6)
    found = machine_cautions(3, ON_GPU, MachineState(devices=(device,), hosts=(host,)))
    assert [(caution.kind, caution.run) for caution in found] == [
        ("foreign-process", 3),
        ("cpu-steal", 3),
        ("swapping", 3),
    ]
    assert found[0].message == "2 other processes were on gpu0 and held 3.00 GiB"
    assert "4.0 %" in found[1].message
    assert "5.00 MB/s" in found[2].message


def test_a_machine_of_ones_own_warns_of_nothing() -> None:
    assert machine_cautions(3, ON_GPU, MachineState(devices=(USUAL,), hosts=(QUIET,))) == ()
    assert machine_cautions(3, ON_GPU, None) == ()
    blind = MachineState(devices=(DeviceState(device="gpu0"),), hosts=(HostState(host="host"),))
    assert machine_cautions(3, ON_GPU, blind) == ()


def test_a_run_is_held_to_the_devices_that_it_was_on() -> None:
    other = DeviceState(device="gpu1", own_processes=0, utilization_percent=90.0)
    untold = (DeviceState(device="gpu0", utilization_percent=0.0), DeviceState(device="gpu1", utilization_percent=90.0))
    assert used_devices(ON_GPU, MachineState(devices=(USUAL, other))) == (USUAL,)
    assert used_devices(ON_GPU, MachineState(devices=untold)) == untold[1:]
    assert used_devices(started(), MachineState(devices=untold)) == ()


def test_repeats_share_a_caution_that_names_them() -> None:
    steal = Caution("cpu-steal", "stolen", "elsewhere", run=2)
    (some,) = shared_cautions([(1, ()), (2, (steal,)), (3, (steal,))], 5)
    (every,) = shared_cautions([(2, (steal,)), (3, (steal,))], 5)
    assert (some.message, some.variant, some.run) == ("repeat 2, 3: stolen", 5, None)
    assert every.message == "every repeat: stolen"
