"""garbage-collection."""

from __future__ import annotations

import pytest

from app.verdicts.rules.host.collection import garbage_collection
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


def test_a_handful_of_steps_is_too_few() -> None:
    assert isinstance(garbage_collection(window(steps=steps(3))), Missing)
