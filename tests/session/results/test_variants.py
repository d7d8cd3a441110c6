"""The variants of a session that goes on, from its frames."""

from __future__ import annotations

from app.session.live.session import LiveSession
from app.session.planning.plan import Plan
from tests.analysis.repeated import plan_of, run_frames
from tests.session.frames import hello
from workloads.wire.frames import Estimate


def session(plan: Plan, *rates: float) -> LiveSession:
    """The first runs of a plan, with what each of them reached."""
    live = LiveSession(plan)
    live.feed(hello())
    for planned, rate in zip(plan.runs, rates, strict=False):
        for frame in run_frames(planned, rate):
            live.feed(frame)
    return live


def test_every_run_that_is_done_is_a_point_of_its_variant() -> None:
    first, second = session(plan_of(3, until=0.01), 100.0, 200.0, 125.0).view(0).variants
    assert (first.title, first.label, first.unit) == ("train/digits batch=4", "throughput", "samples/s")
    assert [point.value for point in first.points] == [100.0, 125.0, None]
    assert [point.state for point in second.points] == ["done", "planned", "planned"]
    assert (first.done, second.done, first.estimates) == (2, 1, ())


def test_what_the_judge_says_is_kept_in_order() -> None:
    live = session(plan_of(3, until=0.01), 100.0)
    said = [Estimate(at_ns=1, variant=1, metric="samples_per_s", value=v, repeats=1) for v in (1.0, 2.0)]
    for estimate in (*said, Estimate(at_ns=1, variant=9, metric="samples_per_s", value=3.0, repeats=1)):
        live.feed(estimate)
    view = live.view(0)
    assert list(view.variants[0].estimates) == said
    assert view.until == 0.01


def test_a_session_that_repeats_nothing_has_no_variants() -> None:
    assert session(plan_of(1), 100.0, 200.0).view(0).variants == ()
