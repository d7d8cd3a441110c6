"""Sessions held against each other: what is told to differ, and what the verdict is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.analysis.compare.command import comparison_of
from app.analysis.compare.conditions import parse
from app.analysis.compare.text import comparison_text
from app.session.results.comparison import Comparison, Curve, Pair
from app.session.store.folder import SessionFolder
from tests.analysis.compare.sessions import PACKAGES, SAMPLER, WORKER, MadeRun, made
from workloads.wire.frames import Fingerprint, Value

NOISE = (1.0, 0.996, 1.004, 1.002, 0.998)


def repeats(step_ms: float, noise: Sequence[float] = NOISE, **settings: Value) -> list[MadeRun]:
    return [
        MadeRun([step_ms * factor, step_ms * factor * 1.1] * 10, parameters=dict(settings), repeat=number)
        for number, factor in enumerate(noise, 1)
    ]


def compared(*folders: SessionFolder, accepted: Sequence[str] = (), conditions: str = "") -> Comparison:
    return comparison_of([(folder, 0) for folder in folders], accepted=accepted, within=0.01, conditions=conditions)


def verdicts(pair: Pair) -> dict[str, str]:
    return {metric.name: metric.verdict for metric in pair.metrics}


def standings(pair: Pair) -> dict[str, str]:
    return {difference.name: difference.standing for difference in pair.differences}


def test_a_faster_session_is_better_in_rate_and_in_time(tmp_path: Path) -> None:
    found = compared(made(tmp_path, *repeats(10.0), name="a"), made(tmp_path, *repeats(9.0), name="b"))
    (pair,) = found.pairs
    assert verdicts(pair)["samples_per_s"] == "better"
    assert verdicts(pair)["step_p50_ms"] == "better"
    throughput = pair.metrics[0]
    assert throughput.name == "samples_per_s"
    assert throughput.ratio.value == pytest.approx(10 / 9, rel=1e-3)
    assert not throughput.paired
    assert (pair.base_runs, pair.other_runs) == (5, 5)
    assert pair.differences == ()
    assert found.cautions == ()


def test_a_load_that_was_not_what_was_asked_for_is_said_of_its_run(tmp_path: Path) -> None:
    served = MadeRun([5.0] * 200, workload="infer/digits", parameters={"load": "poisson"})
    found = compared(made(tmp_path, served, name="a"), made(tmp_path, served._replace(late_ms=3.0), name="b"))
    (caution,) = found.cautions
    assert caution.kind == "generator-limited"
    assert caution.message.startswith("B, run 1: the load generator was late: 3.00 ms at p99")
    assert "the load generator was late" in comparison_text(found, 200)


def test_the_same_against_itself_is_the_same(tmp_path: Path) -> None:
    (pair,) = compared(made(tmp_path, *repeats(10.0), name="a"), made(tmp_path, *repeats(10.0), name="b")).pairs
    assert verdicts(pair)["samples_per_s"] == "same"
    assert "same within 1.0 %" in comparison_text(compared(*_two(tmp_path)), 100)


def _two(home: Path) -> tuple[SessionFolder, SessionFolder]:
    return made(home, *repeats(10.0), name="c"), made(home, *repeats(10.0), name="d")


def test_of_single_runs_nothing_can_be_told_and_the_remedy_is_named(tmp_path: Path) -> None:
    folders = [made(tmp_path, MadeRun([10.0] * 20), name=name) for name in "ab"]
    (pair,) = compared(*folders).pairs
    assert set(verdicts(pair).values()) == {"cannot tell"}
    assert "--repeats 5" in pair.metrics[0].why


def test_variants_of_one_session_are_held_against_the_first_pair_by_pair(tmp_path: Path) -> None:
    rounds = [1.0, 1.2, 0.9, 1.1, 0.8]  # drift that hits both alike
    runs = [
        run._replace(variant=variant)
        for variant, batch in ((1, 4), (2, 8))
        for run in repeats(10.0 if batch == 4 else 9.5, rounds, batch=batch)
    ]
    folder = made(tmp_path, *runs)
    (pair,) = compared(folder).pairs
    assert (pair.base_label, pair.other_label) == ("A#1", "A#2")
    assert standings(pair) == {"batch": "meant"}
    assert pair.metrics[0].paired
    assert pair.metrics[0].verdict == "better"
    only = comparison_of([(folder, 1), (folder, 2)], accepted=(), within=0.01, conditions="")
    assert len(only.pairs) == 1
    assert standings(only.pairs[0]) == {"batch": "meant"}
    assert only.pairs[0].metrics[0].paired


def test_what_was_not_meant_makes_two_not_comparable_until_it_is_accepted(tmp_path: Path) -> None:
    a = made(tmp_path, *repeats(10.0), name="a")
    packages = {**PACKAGES, "numpy": "2.0", "triton": "3.5"}
    worker = replace(WORKER, torch="2.10.0", packages=packages, environment={"OMP_NUM_THREADS": "1"})
    b = made(tmp_path, *repeats(9.0), name="b", worker=worker, sampler=replace(SAMPLER, governor="powersave"))
    found = compared(a, b, accepted=("packages", "torch"))
    assert standings(found.pairs[0]) == {
        "governor": "not meant",
        "OMP_NUM_THREADS": "not meant",
        "numpy": "accepted",
        "triton": "accepted",
        "torch": "accepted",
    }
    assert [caution.kind for caution in found.cautions] == ["not-comparable"]
    assert found.pairs[0].metrics[0].verdict == "better"  # figures are shown all the same
    text = comparison_text(found, 100)
    assert "not comparable: governor, OMP_NUM_THREADS" in text
    assert "clocks of the processor" in text
    assert compared(a, b, accepted=("all",)).cautions == ()


def test_what_an_older_session_does_not_say_is_not_known(tmp_path: Path) -> None:
    new = made(tmp_path, *repeats(10.0), name="a", worker=replace(WORKER, environment={"OMP_NUM_THREADS": "1"}))
    few = {name: PACKAGES[name] for name in ("numpy", "msgspec", "scikit-learn")}
    old = made(
        tmp_path,
        *repeats(10.0),
        name="b",
        sampler=Fingerprint(cpu="a processor", memory_bytes=1 << 34, governor="performance"),
        worker=Fingerprint(python="3.11.9", torch="2.9.0", packages=few),
    )
    assert set(standings(compared(new, old).pairs[0]).values()) == {"not known"}
    assert compared(new, old).cautions == ()


def test_groups_find_those_that_are_set_alike(tmp_path: Path) -> None:
    a = made(tmp_path, MadeRun([1.0], parameters={"batch": 4}), MadeRun([1.0], parameters={"batch": 8}), name="a")
    b = made(tmp_path, MadeRun([1.0], parameters={"batch": 8}), MadeRun([1.0], workload="infer/digits"), name="b")
    found = compared(a, b)
    assert [(pair.base_title, pair.other_title) for pair in found.pairs] == [("train/digits batch=8", "train/digits")]
    assert found.alone == ("only A has train/digits batch=4", "only B has infer/digits")


def test_accuracy_is_as_uncertain_as_its_samples_are_few(tmp_path: Path) -> None:
    runs = [[run._replace(accuracy=accuracy) for run in repeats(10.0)] for accuracy in (0.97, 0.975)]
    (pair,) = compared(made(tmp_path, *runs[0], name="a"), made(tmp_path, *runs[1], name="b")).pairs
    assert verdicts(pair)["accuracy"] == "cannot tell"


@pytest.mark.parametrize(
    ("step_ms", "condition", "fails"),
    [
        (11.0, "throughput<-2%", True),
        (11.0, "throughput<-20%", False),
        (9.0, "throughput<-2%", False),
        (11.0, "step>5%", True),
        (11.0, "throughput<-20%, step_p50_ms>5%", True),
    ],
)
def test_a_condition_is_met_where_the_change_is_beyond_it_and_not_by_chance(
    tmp_path: Path, step_ms: float, condition: str, fails: bool
) -> None:
    folders = made(tmp_path, *repeats(10.0), name="a"), made(tmp_path, *repeats(step_ms), name="b")
    found = compared(*folders, conditions=condition)
    assert bool(found.failed) == fails
    assert found.undecided == ()


def test_a_condition_on_single_runs_is_undecided(tmp_path: Path) -> None:
    folders = [made(tmp_path, MadeRun([step] * 20), name=name) for name, step in (("a", 10.0), ("b", 20.0))]
    found = compared(*folders, conditions="throughput<-2%,latency>1%")
    assert found.failed == ()
    assert [text.split(":")[0] for text in found.undecided] == ["throughput<-2%", "latency>1%"]


def test_conditions_on_what_is_not_comparable_fail(tmp_path: Path) -> None:
    a = made(tmp_path, *repeats(10.0), name="a")
    b = made(tmp_path, *repeats(9.0), name="b", sampler=replace(SAMPLER, kernel="6.2"))
    assert compared(a, b).failed == ()
    assert "not comparable" in compared(a, b, conditions="throughput<-2%").failed[0]


@pytest.mark.parametrize("condition", ["throughput<2", "nothing<1%", "throughput=1%"])
def test_a_condition_that_is_none_is_told_what_is_allowed(condition: str) -> None:
    with pytest.raises(ValueError, match="--fail-if"):
        parse(condition)


def test_sessions_with_nothing_in_common_are_told_so(tmp_path: Path) -> None:
    a, b = made(tmp_path, MadeRun([1.0]), name="a"), made(tmp_path, MadeRun([1.0], workload="infer/digits"), name="b")
    with pytest.raises(ValueError, match="no workload in common"):
        compared(a, b)
    with pytest.raises(ValueError, match="no workload in two settings"):
        compared(a)
    with pytest.raises(ValueError, match="has no variant 7"):
        comparison_of([(a, 7)], accepted=(), within=0.01, conditions="")


def test_both_distributions_are_on_one_axis(tmp_path: Path) -> None:
    runs = [MadeRun([step + part / 100 for part in range(100)], workload="infer/digits") for step in (10.0, 12.0)]
    (pair,) = compared(made(tmp_path, runs[0], name="a"), made(tmp_path, runs[1], name="b")).pairs
    told = pair.distribution
    assert told is not None
    assert (told.kind, told.log) == ("latency", False)
    assert told.low_ms == pytest.approx(10.0, rel=0.01)
    assert told.high_ms == pytest.approx(13.0, rel=0.01)
    assert sum(told.base) == pytest.approx(1.0, abs=0.02)
    # What is fast on one side is where the other has nothing.
    middle = len(told.base) // 2
    assert sum(told.base[middle:]) == pytest.approx(0.0, abs=0.02)
    assert sum(told.other[:middle]) == pytest.approx(0.0, abs=0.02)
    assert told.quantiles[0][1:] == pytest.approx((10.5, 12.5), rel=0.006)


def test_parts_of_a_step_stand_side_by_side(tmp_path: Path) -> None:
    (pair,) = compared(made(tmp_path, *repeats(10.0), name="a"), made(tmp_path, *repeats(20.0), name="b")).pairs
    parts = {part.name: (part.base_ms, part.other_ms) for part in pair.parts}
    assert parts["forward"] == pytest.approx((5.25, 10.5), rel=1e-3)


def test_gauges_stand_side_by_side_by_time_and_by_step(tmp_path: Path) -> None:
    busy = {("gpu0", "sm_active_percent"): (0.0, 80.0, 80.0, 80.0), ("host", "cpu_percent"): (5.0, 5.0)}
    idle = {("gpu0", "sm_active_percent"): (0.0, 40.0, 40.0, 40.0)}
    a = made(tmp_path, MadeRun([10.0] * 100, gauges=busy), name="a")
    b = made(tmp_path, MadeRun([20.0] * 100, gauges=idle), name="b")
    (pair,) = compared(a, b).pairs
    gauges = {(gauge.device, gauge.name): gauge for gauge in pair.gauges}
    active = gauges["gpu0", "sm_active_percent"]
    assert (active.base, active.other) == (80.0, 40.0)  # the first reading has none before it, and counts for nothing
    assert gauges["host", "cpu_percent"].other is None
    assert active.by_time is not None
    assert active.by_step is not None
    assert active.by_time.span == pytest.approx(2.0, rel=0.01)
    assert active.by_step.span == 100
    # The slow one reads its last at 1.6 s of 2 s, the fast one at 0.8 s; by step both read at step 80 of 100.
    last = [max(place for place, value in enumerate(side) if value is not None) for side in _sides(active.by_time)]
    assert last == [pytest.approx(24, abs=1), pytest.approx(48, abs=1)]
    last = [max(place for place, value in enumerate(side) if value is not None) for side in _sides(active.by_step)]
    assert last[0] == last[1] == pytest.approx(48, abs=1)


def _sides(curve: Curve) -> tuple[tuple[float | None, ...], ...]:
    return curve.base, curve.other


def test_what_only_one_side_has_is_undecided(tmp_path: Path) -> None:
    a = made(tmp_path, *repeats(10.0), MadeRun([1.0] * 9, workload="infer/digits"), name="a")
    b = made(tmp_path, *repeats(10.0), name="b")
    found = compared(a, b, conditions="throughput<-2%")
    assert found.failed == ()
    assert found.undecided == ("only A has infer/digits #1: it is held against nothing",)


def test_repeats_of_variants_that_were_not_planned_equally_often_are_no_pairs(tmp_path: Path) -> None:
    twice, once = (
        [run._replace(variant=variant) for run in repeats(10.0, noise, batch=4 * variant)]
        for variant, noise in ((1, (*NOISE, *NOISE)), (2, NOISE))
    )
    (pair,) = compared(made(tmp_path, *twice, *once)).pairs
    assert not pair.metrics[0].paired
    assert (pair.base_runs, pair.other_runs) == (10, 5)


def test_which_of_several_hosts_spoke_first_is_no_difference(tmp_path: Path) -> None:
    folders = [made(tmp_path, *repeats(10.0), name=name) for name in "ab"]
    for folder, hosts in zip(folders, (("n1", "n2"), ("n2", "n1")), strict=True):
        manifest = folder.read_manifest()
        sampler = next(hello for hello in manifest.hellos if hello.role == "sampler")
        others = [hello for hello in manifest.hellos if hello.role != "sampler"]
        speaking = [
            replace(
                sampler,
                host=host,
                fingerprint=replace(SAMPLER, cpu=f"that of {host}"),
            )
            for host in hosts
        ]
        folder.write_manifest(replace(manifest, hellos=(*others, *speaking)))
    assert compared(*folders).pairs[0].differences == ()


def test_goodput_is_compared_where_the_objective_is_the_same(tmp_path: Path) -> None:
    def served(name: str, slo: str) -> SessionFolder:
        folder = made(tmp_path, MadeRun([1.0, 9.0] * 10, workload="infer/digits"), name=name)
        manifest = folder.read_manifest()
        folder.write_manifest(replace(manifest, plan=replace(manifest.plan, slo=slo)))
        return folder

    base, same, other = (served(name, slo) for name, slo in (("a", "p50<5ms"), ("b", "p50<5ms"), ("c", "p50<7ms")))
    goodput = next(metric for metric in compared(base, same).pairs[0].metrics if metric.name == "good_per_s")
    assert goodput.base == goodput.other == pytest.approx((100.0,))
    assert "good_per_s" not in verdicts(compared(base, other).pairs[0])
