"""Sweeps and repeats: which runs come of them, in which order, and what they are called."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.session.planning import RunRequest, make_plan
from app.session.planning.plan import Plan, PlannedRun
from app.session.results.titles import titles, variant_titles


def plan_of(*workloads: str, **options: object) -> Plan:
    """The plan of a request with some options."""
    return make_plan(RunRequest(workloads=workloads, **options), created_ns=0)  # type: ignore[arg-type]


def rounds_of(plan: Plan, size: int) -> list[tuple[PlannedRun, ...]]:
    """Its runs, so many at a time."""
    return [plan.runs[first : first + size] for first in range(0, len(plan.runs), size)]


def test_a_comma_makes_a_sweep_and_two_sweeps_every_combination() -> None:
    plan = plan_of("train/digits", settings=("batch=8,16", "precision=fp32,bf16", "epochs=2"))
    swept = [(run.parameters["batch"], run.parameters["precision"]) for run in plan.runs]
    assert swept == [(8, "float32"), (8, "bfloat16"), (16, "float32"), (16, "bfloat16")]
    assert [run.variant for run in plan.runs] == [1, 2, 3, 4]
    assert titles(plan.runs)[2] == "train/digits batch=8 bfloat16", "a number is named, what is the same left out"


@pytest.mark.parametrize(
    ("workload", "setting", "values"),
    [
        ("probe/transfer", "sizes_mib=1,16", ["1,16"]),
        ("probe/attention", "shapes=1x1x8x8,1x2x8x8", ["1x1x8x8,1x2x8x8"]),
        ("train/resnet", "input=resident,synthetic", ["resident", "synthetic"]),
        ("probe/copy", "device=cpu,cuda", ["cpu", "cuda"]),
    ],
)
def test_a_comma_that_a_value_may_have_makes_none(workload: str, setting: str, values: list[str]) -> None:
    name = setting.partition("=")[0]
    assert [run.parameters[name] for run in plan_of(workload, settings=(setting,)).runs] == values


def test_a_path_with_a_comma_is_one_path(tmp_path: Path) -> None:
    weights = tmp_path / "a,b.pt"
    weights.touch()
    assert len(plan_of("infer/digits", settings=(f"weights={weights}",)).runs) == 1


def test_rounds_hold_every_variant_once_in_an_order_that_the_seed_shuffles() -> None:
    settings = ("batch=8,16,32,64",)
    plan, again, other = (plan_of("train/digits", settings=settings, repeats=6, seed=seed) for seed in (1, 1, 2))
    assert [run.run for run in plan.runs] == list(range(1, 25))
    rounds = [tuple(run.variant for run in round_) for round_ in rounds_of(plan, 4)]
    assert all(sorted(round_) == [1, 2, 3, 4] for round_ in rounds)
    assert len(set(rounds)) > 1
    assert all(run.repeat == number for number, round_ in enumerate(rounds_of(plan, 4), 1) for run in round_)
    assert plan.runs == again.runs
    assert [run.variant for run in plan.runs] != [run.variant for run in other.runs]


def test_a_single_round_stays_in_the_order_in_which_it_was_typed() -> None:
    assert [run.variant for run in plan_of("train/digits", settings=("batch=8,4,2",)).runs] == [1, 2, 3]


def test_weights_are_made_before_they_are_served_by_the_variant_with_the_same_values() -> None:
    plan = plan_of("train/digits", "infer/digits", settings=("precision=float32,bfloat16",), repeats=8, seed=3)
    by_variant = {run.variant: run for run in plan.runs}
    assert {
        (run.parameters["precision"], by_variant[run.weights_of].parameters["precision"])
        for run in plan.runs
        if run.weights_of
    } == {("float32", "float32"), ("bfloat16", "bfloat16")}
    for run in plan.runs:
        if run.weights_of:
            assert any(o.variant == run.weights_of and o.repeat == run.repeat and o.run < run.run for o in plan.runs)


def test_what_is_asked_for_twice_is_one_variant() -> None:
    plan = plan_of("probe/copy", "probe/copy", repeats=2)
    assert [(run.variant, run.repeat) for run in plan.runs] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert titles(plan.runs)[3] == "probe/copy #3"
    assert variant_titles(plan.runs) == {1: "probe/copy"}


def test_until_plans_all_the_repeats_that_there_may_be() -> None:
    plan = plan_of("train/digits", "probe/copy", until="1%", max_repeats=5)
    assert plan.until == pytest.approx(0.01)
    assert Counter(run.workload for run in plan.runs) == {"train/digits": 5, "probe/copy": 5}
    assert len(plan_of("probe/copy", until="0.5 %").runs) == 20


def test_the_bundle_can_be_repeated() -> None:
    plan = plan_of("probe", settings=("precision=fp32,bf16",), repeats=2)
    matmul = Counter(run.parameters["precision"] for run in plan.runs if run.workload == "probe/matmul")
    assert matmul == {"float32": 2, "bfloat16": 2}
    assert all(run.optional for run in plan.runs)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"repeats": 0}, "--repeats 0: give 1 to"),
        ({"until": "1"}, "--until 1: give"),
        ({"until": "much%"}, "such as 1%"),
        ({"until": "0%"}, "such as 1%"),
        ({"until": "1%", "max_repeats": 2}, "--max-repeats 2: give 3 to"),
        ({"until": "1%", "repeats": 2}, "give one; --max-repeats ends --until"),
        ({"max_repeats": 5}, "it is for --until"),
        ({"repeats": 1_500, "settings": ("batch=1,2",)}, "at most 2,000"),
        ({"settings": ("batch=8,8",)}, "names a value twice"),
        ({"settings": ("precision=fp32,float32",)}, "names a value twice"),
        ({"settings": ("batch=8,",)}, "batch="),
        ({"settings": ("batch=8,0",)}, "from 1 to"),
        ({"settings": ("precision=fp32,fp8",)}, "precision=fp8"),
    ],
)
def test_what_cannot_be_repeated_is_refused_in_one_line(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the words are checked below
        plan_of("train/digits", **options)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
