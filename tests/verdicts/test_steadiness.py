"""Verdicts that flap."""

from __future__ import annotations

from app.verdicts.steadiness import UNKNOWN, Steady
from tests.verdicts.test_ranking import verdict
from workloads.wire.frames import Missing


def told(steady: Steady, *kinds: str, missing: str = "") -> list[str]:
    """One look: what stands behind it. The first is the gravest."""
    verdicts = [verdict(kind, bound=2.0 - 0.1 * place) for place, kind in enumerate(kinds)]
    found = steady.look(verdicts, [Missing(missing, "no counter")] if missing else [])
    return [each.kind for each in found]


def test_a_verdict_comes_when_three_of_five_looks_say_it_and_goes_when_four_do_not() -> None:
    steady = Steady()
    assert [told(steady, *said) for said in (["drift"], [], ["drift"], ["drift"])] == [[], [], [], ["drift"]]
    assert [told(steady) for _ in range(4)] == [["drift"], ["drift"], ["drift"], []]


def test_what_flaps_from_look_to_look_neither_comes_and_goes_nor_goes_and_comes() -> None:
    steady = Steady()
    shown = [told(steady, *(["drift"] if look % 2 else [])) for look in range(40)]
    first = shown.index(["drift"])
    assert all(each == ["drift"] for each in shown[first:])


def test_one_odd_look_changes_nothing() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "drift")
    assert told(steady, "swapping") == ["drift"]
    assert told(steady, "drift") == ["drift"]


def test_another_becomes_the_primary_one_when_it_was_ahead_for_three_looks() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "transfer-bound", "drift")
    assert told(steady, "drift", "transfer-bound")[0] == "transfer-bound"
    assert told(steady, "drift", "transfer-bound")[0] == "transfer-bound"
    assert told(steady, "drift", "transfer-bound") == ["drift", "transfer-bound"]


def test_what_comes_and_is_graver_is_the_primary_one_at_once() -> None:
    steady = Steady()
    leak = verdict("memory-growth", "critical", bound=1.0)
    for _ in range(5):
        told(steady, "drift")
    found = [steady.look([leak, verdict("drift")], [])[0].kind for _ in range(3)]
    assert found == ["drift", "drift", "memory-growth"]


def test_two_that_are_ahead_by_turns_do_not_change_places() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "transfer-bound", "drift")
    for look in range(20):
        pair = ("drift", "transfer-bound") if look % 2 else ("transfer-bound", "drift")
        assert told(steady, *pair)[0] == "transfer-bound"


def test_what_cannot_be_looked_into_stands_for_a_while() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "drift")
    assert [told(steady, missing="drift") for _ in range(UNKNOWN)] == [["drift"]] * (UNKNOWN - 1) + [[]]


def test_the_primary_one_that_goes_leaves_its_place_at_once() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "transfer-bound", "drift")
    assert [told(steady, "drift") for _ in range(4)][-1] == ["drift"]


def test_where_another_thing_is_looked_at_only_what_is_said_of_it_at_once_stands() -> None:
    steady = Steady()
    for _ in range(5):
        told(steady, "transfer-bound", "drift")
    steady.begin_anew()
    assert told(steady, "drift") == ["drift"]
    assert told(steady, "transfer-bound", "drift") == ["drift"]
