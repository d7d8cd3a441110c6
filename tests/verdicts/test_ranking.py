"""Which verdict is the primary one."""

from __future__ import annotations

from typing import Literal

import pytest

from app.verdicts.kinds import SIDES
from app.verdicts.ranking import BRINGS_ABOUT, ORDER, alone, ranked
from workloads.wire.frames import Verdict


def verdict(kind: str, severity: Literal["info", "warning", "critical"] = "warning", bound: float = 1.2) -> Verdict:
    return Verdict(kind=kind, severity=severity, summary=kind, evidence=(), next="", bound=bound)


def order(*verdicts: Verdict) -> list[str]:
    return [each.kind for each in ranked(verdicts)]


def test_the_gravest_comes_first_then_what_is_worth_the_most() -> None:
    assert order(verdict("compute-bound", "info", 9), verdict("drift", bound=1.1), verdict("swapping", "critical")) == [
        "swapping",
        "drift",
        "compute-bound",
    ]
    assert order(verdict("drift", bound=1.1), verdict("transfer-bound", bound=1.5)) == ["transfer-bound", "drift"]


@pytest.mark.parametrize(
    ("cause", "symptom"),
    [
        ("input-bound", "low-occupancy"),
        ("sync-bound", "low-occupancy"),
        ("launch-bound", "low-occupancy"),
        ("thermally-throttled", "power-capped"),
        ("power-capped", "compute-bound"),
        ("straggler", "communication-bound"),
    ],
)
def test_a_cause_goes_before_its_symptom_though_that_would_be_worth_more(cause: str, symptom: str) -> None:
    assert order(verdict(symptom, "critical", 5.0), verdict(cause, bound=1.1)) == [cause, symptom]


def test_what_explains_things_in_part_goes_before_those_that_it_explains_and_no_others() -> None:
    for cause, symptom in (("garbage-collection", "periodic-stall"), ("cpu-contention", "input-bound")):
        assert order(verdict(symptom, "critical", 2.0), verdict(cause, bound=1.5)) == [cause, symptom]
        assert order(verdict(symptom, "critical", 40.0), verdict(cause, bound=1.16)) == [symptom, cause]


def test_launches_are_what_a_wait_for_data_leaves_idle_and_stand_by_themselves() -> None:
    for cause in ("input-bound", "transfer-bound"):
        assert order(verdict(cause, bound=1.2), verdict("launch-bound", "critical", 3.0)) == ["launch-bound", cause]
        assert order(verdict("launch-bound", bound=1.3), verdict(cause, bound=1.6)) == [cause, "launch-bound"]


def test_what_ends_the_run_soon_goes_before_what_makes_it_slow_but_not_before_its_cause() -> None:
    leak = verdict("memory-growth", "critical", 1.0)
    assert order(verdict("launch-bound", "critical", 3.0), leak) == ["memory-growth", "launch-bound"]
    assert order(leak, verdict("warming-up")) == ["warming-up", "memory-growth"]
    assert order(verdict("launch-bound", "critical", 3.0), verdict("memory-growth"))[0] == "launch-bound"


def test_others_on_the_machine_go_before_what_cannot_be_told_while_they_are_there() -> None:
    others = verdict("cpu-contention", bound=1.5)
    assert order(verdict("launch-bound", "critical", 6.0), others) == ["cpu-contention", "launch-bound"]
    assert (
        order(verdict("launch-bound", "critical", 6.0), verdict("garbage-collection", bound=1.5))[0] == "launch-bound"
    )


def test_a_queue_that_grows_goes_before_what_would_serve_more() -> None:
    small = verdict("batch-too-small", "critical", 53.0)
    assert order(small, verdict("queue-saturated", bound=2.0)) == ["queue-saturated", "batch-too-small"]


def test_a_cause_goes_before_what_its_symptom_brings_about() -> None:
    found = order(
        verdict("low-occupancy", "critical", 4), verdict("launch-bound", bound=1.3), verdict("recompiling", bound=1.25)
    )
    assert found == ["recompiling", "launch-bound", "low-occupancy"]


def test_what_is_as_it_should_be_is_the_cause_of_nothing() -> None:
    assert order(verdict("power-capped", "info"), verdict("compute-bound", "warning"))[0] == "compute-bound"


def test_nothing_brings_itself_about_and_every_kind_has_a_place() -> None:
    def follow(kind: str, seen: tuple[str, ...]) -> None:
        assert kind not in seen, f"{' → '.join((*seen, kind))}"
        for each in BRINGS_ABOUT.get(kind, ()):
            follow(each, (*seen, kind))

    kinds = {kind for kinds in SIDES.values() for kind in kinds}
    for kind in kinds:
        follow(kind, ())
    assert ORDER.keys() == kinds
    assert all(ORDER[cause] < ORDER[each] for cause, follows in BRINGS_ABOUT.items() for each in follows)
    assert {each for follows in BRINGS_ABOUT.values() for each in follows} <= kinds


def test_of_one_kind_the_gravest_is_told() -> None:
    assert alone([verdict("drift", "info"), verdict("drift", "critical"), verdict("drift")]) == [
        verdict("drift", "critical")
    ]
