"""garbage-collection and recompiling: what Python and torch do beside the work."""

from __future__ import annotations

import pytest

from app.verdicts.rules.host.collection import garbage_collection
from app.verdicts.rules.host.recompiling import recompiling
from tests.verdicts.courses import course, events_at, stalls
from tests.verdicts.windows import happened, steps, window
from workloads.wire.frames import Missing, Verdict


def test_collections_that_take_a_fifth_of_the_time_are_told_with_their_bound() -> None:
    verdict = garbage_collection(window(happened=happened("garbage-collection", 100, 20.0)))
    assert isinstance(verdict, Verdict)
    assert verdict.bound == pytest.approx(1.25)
    assert "20 %" in verdict.summary
    assert "gc.freeze" in verdict.next


def test_few_short_collections_are_nothing_to_tell() -> None:
    assert garbage_collection(window(happened=happened("garbage-collection", 10, 20.0))) is None


def test_without_collections_a_handful_of_steps_is_too_few() -> None:
    assert isinstance(garbage_collection(window(steps=steps(3))), Missing)
    assert garbage_collection(window()) is None


def test_recompilations_are_told_however_few_steps_they_leave() -> None:
    verdict = recompiling(window(steps=steps(4), happened=happened("recompile", 5, 1400.0)))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "critical"
    assert verdict.bound == pytest.approx(1 / 0.3)
    assert "mark_dynamic" in verdict.next


def test_one_short_recompilation_is_nothing_to_tell() -> None:
    assert recompiling(window(happened=happened("recompile", 1, 300.0))) is None


def test_what_is_new_in_each_step_is_compiled_again_and_again_though_no_guard_fails() -> None:
    verdict = recompiling(window(phase="measure", happened=happened("compile", 100, 60.0)))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "critical"
    assert "100 compilations of what is new" in verdict.summary
    assert recompiling(window(phase="measure", happened=happened("compile", 9, 300.0))) is None, "an evaluation's"
    assert recompiling(window(phase="warmup", happened=happened("compile", 100, 60.0))) is None


def test_many_recompilations_before_are_told_for_the_compiler_gave_up() -> None:
    verdict = recompiling(window(course=course(events=events_at(stalls(2.0, 100.0), "recompile"))))
    assert isinstance(verdict, Verdict)
    assert "8 recompilations so far" in verdict.summary
    assert verdict.bound is None
