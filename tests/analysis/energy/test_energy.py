"""Energy by a counter that ticks: aligned to its ticks, with an error that the truth never leaves."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.analysis.energy.counted import Reading, counted, ticks
from app.analysis.energy.making import Energy
from app.analysis.energy.text import energy_text
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.summary.making import summarise
from tests.analysis.journals import journalled, serving, training
from tests.session.frames import MS, SECOND, hello
from workloads.wire.frames import AnyFrame, Gauges, IdleBaseline


def energies(home: Path, *frames: AnyFrame) -> tuple[Energy, ...]:
    """Of run 1, which measures 76 samples from 2 s to 4 s."""
    folder = journalled(home, (hello(), *frames, *training(), *serving()))
    finish(folder)
    return summarise(load(folder)).runs[0].energy


def gauge(device: str, at_ns: int, **readings: float) -> Gauges:
    return Gauges(at_ns=at_ns, device=device, source="nvml", readings=readings)


def test_readings_between_two_ticks_say_nothing_new() -> None:
    readings = [Reading(0, 5.0), Reading(1, 5.0), Reading(2, 7.0), Reading(3, 7.0), Reading(4, 9.0)]
    assert ticks(readings) == [Reading(0, 5.0), Reading(2, 7.0), Reading(4, 9.0)]


def test_a_counter_that_began_anew_is_not_held_against_what_it_was() -> None:
    assert ticks([Reading(0, 5.0), Reading(1, 6.0), Reading(2, 1.0), Reading(3, 2.0)]) == [
        Reading(2, 1.0),
        Reading(3, 2.0),
    ]


def test_a_window_between_ticks_has_its_part_of_the_energy_and_the_error_of_a_tick_at_either_end() -> None:
    steady = [Reading(n * SECOND, 100.0 * n) for n in range(6)]
    found = counted(steady, [], SECOND + SECOND // 2, 4 * SECOND + SECOND // 4, 20 * MS)
    assert found is not None
    assert found.joules == pytest.approx(275.0)
    assert found.error_j == pytest.approx(2 * 100.0 * 0.02)


def test_beyond_the_last_tick_power_readings_say_how_far_it_may_be_off() -> None:
    steady = [Reading(n * SECOND, 100.0 * n) for n in range(4)]
    powers = [Reading(3 * SECOND + 250 * MS * n, 90.0) for n in range(5)]
    blind = counted(steady, [], SECOND, 4 * SECOND, 0)
    seen = counted(steady, powers, SECOND, 4 * SECOND, 0)
    assert blind is not None
    assert seen is not None
    assert blind.joules == seen.joules == pytest.approx(300.0)
    assert blind.error_j == pytest.approx(100.0)
    assert seen.error_j == pytest.approx(10.0)


def test_a_single_tick_tells_of_no_energy() -> None:
    assert counted([Reading(0, 1.0)], [], 0, 10, 1) is None
    assert counted([Reading(0, 1.0), Reading(5, 2.0)], [], 6, 10, 1) is None


@pytest.mark.parametrize("seed", range(20))
def test_the_truth_lies_within_the_error(seed: int) -> None:
    """Power jumps as the window begins; the counter ticks every 20 to 100 ms, and is read once a second."""
    chance = random.Random(seed)
    tick_ns, phase_ns = chance.randrange(20 * MS, 100 * MS), chance.randrange(100 * MS)
    before_w, inside_w = chance.uniform(60, 120), chance.uniform(300, 700)
    begin, end = 5 * SECOND + chance.randrange(SECOND), 15 * SECOND + chance.randrange(SECOND)

    def joules(at_ns: int) -> float:
        """No step as the window ends: the worker cools down."""
        return (before_w * min(at_ns, begin) + inside_w * max(0, at_ns - begin)) / 1e9

    def shown(at_ns: int) -> float:
        return joules((at_ns - phase_ns) // tick_ns * tick_ns + phase_ns)

    readings = [Reading(at, shown(at)) for at in range(SECOND, 20 * SECOND, SECOND)]
    found = counted(ticks(readings), [], begin, end, tick_ns)
    assert found is not None
    assert abs(found.joules - (joules(end) - joules(begin))) <= found.error_j
    assert found.error_j < 0.1 * found.joules


def test_host_energy_stands_behind_the_devices_and_is_shown_against_idling(tmp_path: Path) -> None:
    frames = [
        each
        for second in range(1, 7)
        for each in (
            gauge("host", second * SECOND, package_energy_j=50.0 * second),
            gauge("gpu0", second * SECOND, energy_j=200.0 * second, power_w=200.0),
        )
    ]
    idle = IdleBaseline(at_ns=SECOND, seconds=2.0, power_w={"gpu0": 71.0})
    gpu, host = energies(tmp_path, idle, *frames)
    assert (gpu.device, gpu.joules, gpu.source, gpu.idle_w) == ("gpu0", 400.0, "energy counter", 71.0)
    assert gpu.above_idle_fraction == pytest.approx(1 - 71 / 200)
    assert (host.device, host.joules, host.source, host.idle_w) == ("host", 100.0, "energy counter", None)
    assert host.joules_per_sample == pytest.approx(100 / 76)
    assert host.error_fraction == pytest.approx(0.001)


def test_a_counter_that_may_be_off_by_a_fifth_gives_way_to_power(tmp_path: Path) -> None:
    """Between 1 s and 5 s it was not read, and its slopes before and after tell nothing of the time between."""
    read = ((0, 0.0), (1, 1.0), (5, 400.0), (6, 401.0))
    counter = [gauge("gpu0", at * SECOND, energy_j=joules) for at, joules in read]
    powers = [gauge("gpu0", 2 * SECOND + 250 * MS * n, power_w=100.0 + n % 2) for n in range(1, 8)]
    (energy,) = energies(tmp_path, *counter, *powers)
    assert (energy.source, round(energy.joules)) == ("mean power", 201)
    assert energy.error_fraction is not None
    assert 0 < energy.error_fraction < 0.01


def test_the_text_tells_the_error_and_what_is_above_idling() -> None:
    energy = Energy(
        device="gpu0",
        joules=1340.0,
        joules_per_sample=1.34,
        source="energy counter",
        error_fraction=0.004,
        joules_per_token=0.0021,
        joules_per_request=1.34,
        idle_w=71.0,
        above_idle_fraction=0.63,
    )
    told = "gpu0 1,340 J, 1.34 J a sample, 2.10 mJ a token ±0.4 % (by energy counter)"
    assert energy_text(energy, "sample") == f"{told}, 63.0 % of it above idling at 71 W"
