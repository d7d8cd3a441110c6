"""How a session went follows from how its runs did."""

from __future__ import annotations

import pytest

from app.conductor.session import outcome_of
from workloads.wire.frames import Outcome


@pytest.mark.parametrize(
    ("runs", "session"),
    [
        (("done", "done"), "done"),
        (("done", "skipped"), "done"),
        (("skipped", "skipped"), "failed"),
        (("skipped", "failed", "done"), "failed"),
        (("done", "skipped", "interrupted"), "interrupted"),
    ],
)
def test_a_run_that_does_not_fit_the_machine_is_no_failure_unless_none_does(
    runs: tuple[Outcome, ...], session: Outcome
) -> None:
    assert outcome_of(runs) == session
