"""What an experiment has shown, from its blocks."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from app.verdicts.experiments import Experiments, ratio_interval, t_975
from tests.verdicts.frames import phase, steps
from workloads.wire.frames import Effect


@pytest.mark.parametrize("freedom", [1, 2, 5, 10, 30, 31, 60, 200])
def test_the_table_is_that_of_student(freedom: int) -> None:
    assert t_975(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=0.002)


def test_the_interval_is_that_of_a_paired_test_on_logarithms() -> None:
    plain, changed = [100.0, 104.0, 98.0, 101.0], [130.0, 131.0, 129.5, 128.0]
    logs = [math.log(one / other) for one, other in zip(changed, plain, strict=True)]
    expected = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
    ratio, low, high = ratio_interval(changed, plain)
    assert ratio == pytest.approx(math.exp(sum(logs) / 4))
    assert low == pytest.approx(math.exp(expected.low), rel=1e-3)
    assert high == pytest.approx(math.exp(expected.high), rel=1e-3)
    assert ratio_interval(changed[:2], plain[:2])[1:] == (None, None)


def blocks(experiments: Experiments, pairs: int) -> list[Effect]:
    """So many pairs of plain steps of 10 ms and changed ones of 8 ms, the first of each block slow."""
    said = []
    for pair in range(pairs):
        for place, (case, step_ms) in enumerate((("plain", 10), ("no-sync", 8))):
            at_s = 10.0 + 2 * pair + place
            said.append(experiments.take_phase(phase("experiment", at_s - 0.3)))
            experiments.take_samples(steps(at_s - 0.3, 3, step_ms=100))  # it settles
            said.append(experiments.take_phase(phase("experiment", at_s, case=case)))
            wobble = 10_000 * (pair % 3)
            experiments.take_samples(steps(at_s, 0, walls=[90_000_000, *[step_ms * 1_000_000 + wobble] * 20]))
    return [each for each in said if each is not None]


def test_an_effect_is_told_after_each_pair_of_blocks_and_at_the_end() -> None:
    experiments = Experiments(1)
    said = blocks(experiments, 5)
    assert [(each.plain, each.changed) for each in said] == [(pairs, pairs) for pairs in (1, 2, 3, 4)]
    last = experiments.take_phase(phase("measure", 30))
    assert last is not None
    assert (last.experiment, last.setting, last.over) == ("no-sync", "no reads that wait for the device", True)
    assert (last.plain, last.changed, last.reason) == (5, 5, "")
    assert last.low is not None
    assert last.high is not None
    assert last.ratio is not None
    assert last.low < last.ratio < last.high
    assert last.ratio == pytest.approx(1.25, rel=0.01)


def test_an_experiment_that_ends_early_says_that_it_has_no_interval() -> None:
    experiments = Experiments(1)
    blocks(experiments, 1)
    last = experiments.end(30)
    assert last is not None
    assert (last.over, last.low, last.reason) == (True, None, "ended after 1 pair of blocks; an interval needs 3")
    assert experiments.end(31) is None


def test_what_is_measured_in_between_is_no_block() -> None:
    experiments = Experiments(1)
    assert experiments.take_phase(phase("measure", 0)) is None
    experiments.take_samples(steps(0, 100))
    assert experiments.take_phase(phase("evaluate", 1)) is None
