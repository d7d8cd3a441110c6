"""Several ranks of one run on the screen: sums, means, and who is slowest."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import RunView, View
from app.session.planning.plan import Plan, PlannedRun
from tests.session.frames import MS, SECOND, casewise, hello, measuring, started, steps
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import AnyFrame, Done, Log, Phase, Score, Steps

PLAN = Plan(name="ranks", runs=(PlannedRun(run=1, workload="train/digits", ranks=2),), created_ns=0)


def of_rank(rank: int, first_ns: int, count: int, *, comm_ms: int, loss: float = 0.5) -> Steps:
    """Steps of 100 ms, 40 of them backward."""
    return replace(
        steps(first_ns, count),
        rank=rank,
        backward_ns=pack_integers([40 * MS] * count),
        comm_ns=pack_integers([comm_ms * MS] * count),
        loss=pack_floats([loss] * count),
    )


BEGUN: tuple[AnyFrame, ...] = (hello(), hello("worker", 1), replace(started(), ranks=2, device="cuda:0"))
MEASURED = (
    *BEGUN,
    measuring(),
    of_rank(0, 0, 40, comm_ms=30),
    of_rank(1, 0, 40, comm_ms=10, loss=1.5),
)
"""Two ranks of 40 samples a second each, of which rank 1 works longer by itself."""


def view(*frames: AnyFrame, at_s: float = 4.0) -> View:
    session = LiveSession(PLAN)
    for frame in frames:
        session.feed(frame)
    return session.view(int(at_s * SECOND))


def current(*frames: AnyFrame, at_s: float = 4.0) -> RunView:
    run = view(*frames, at_s=at_s).current
    assert run is not None
    return run


def test_rates_are_sums_and_mfu_is_of_all_devices() -> None:
    run = current(*MEASURED)
    assert run.samples_per_s == pytest.approx(80)
    assert run.flops_per_s == pytest.approx(160)
    assert run.mfu == pytest.approx(0.08), "of two devices of 1,000 FLOP/s"
    assert run.devices == 2
    one = current(*BEGUN[:2], replace(started(), ranks=2), *MEASURED[len(BEGUN) :])
    assert one.devices == 1, "ranks on a processor share it"
    assert one.mfu == pytest.approx(0.16)
    assert run.steps == 40, "all ranks do the same steps"
    assert current(*MEASURED, Done(run=1, at_ns=4 * SECOND)).samples_per_s == pytest.approx(80)


def test_times_are_of_all_steps_and_parts_and_loss_are_means() -> None:
    run = current(*MEASURED)
    assert run.times is not None
    assert run.times.count == 80
    assert run.parts is not None
    assert (run.parts.wall, run.parts.backward, run.parts.comm) == (100 * MS, 40 * MS, 20 * MS)
    assert run.loss == pytest.approx(1.0)


def test_courses_are_of_all_ranks() -> None:
    as_they_come = (
        of_rank(rank, second * SECOND, 10, comm_ms=10, loss=0.5 + rank) for second in range(4) for rank in (0, 1)
    )
    seen = view(*BEGUN, measuring(), *as_they_come, at_s=4.5)
    assert seen.throughput is not None
    assert seen.bytes_per_s is not None
    assert seen.loss is not None
    assert seen.throughput.values[-4:] == pytest.approx((80, 80, 80, 80))
    assert seen.bytes_per_s.values[-4:] == pytest.approx((800, 800, 800, 800))
    assert seen.loss.values[-4:] == pytest.approx((1, 1, 1, 1))


def test_each_rank_has_its_own_work_and_the_slowest_is_named() -> None:
    run = current(*MEASURED)
    assert [(rank.rank, rank.step, rank.own) for rank in run.ranks] == [
        (0, 100 * MS, 70 * MS),
        (1, 100 * MS, 90 * MS),
    ]
    assert [rank.units_per_s for rank in run.ranks] == pytest.approx([40, 40])
    assert [rank.comm_share for rank in run.ranks] == pytest.approx([0.3, 0.1])
    assert [rank.data_wait_share for rank in run.ranks] == pytest.approx([0.1, 0.1])
    assert run.slowest is not None
    assert (run.slowest.rank, run.slowest.own, run.slowest.median) == (1, 90 * MS, 80 * MS)


def test_where_communication_is_not_measured_nobody_is_called_slow() -> None:
    run = current(*BEGUN, measuring(), steps(0, 10), replace(steps(0, 10), rank=1))
    assert [rank.own for rank in run.ranks] == [None, None]
    assert run.slowest is None


def test_one_rank_is_no_list_of_ranks() -> None:
    run = current(*BEGUN, measuring(), steps(0, 10))
    assert (run.ranks, run.slowest) == ((), None)


def test_samples_of_a_rank_count_for_the_phase_that_it_is_in_wherever_the_others_are() -> None:
    warmup = Phase(run=1, at_ns=0, phase="warmup")
    evaluate = Phase(run=1, at_ns=4 * SECOND, phase="evaluate")
    late = current(
        *BEGUN,
        warmup,
        of_rank(0, 0, 19, comm_ms=5),
        measuring(at_ns=2 * SECOND),
        replace(warmup, rank=1),
        # An idle rank may end a step, by its own clock, only after the first one has begun the next phase.
        of_rank(1, 0, 21, comm_ms=5),
        of_rank(0, 2 * SECOND, 19, comm_ms=5),
        replace(measuring(at_ns=2 * SECOND), rank=1),
        evaluate,
        of_rank(1, 2 * SECOND, 19, comm_ms=5),
        replace(evaluate, rank=1),
        at_s=5,
    )
    assert late.times is not None
    assert late.times.count == 38
    assert late.samples_per_s == pytest.approx(80, rel=0.1)
    assert (late.phase, late.measured_s) == ("evaluate", 2.0), "the run's own phases are the first rank's"


def test_where_only_the_first_rank_says_its_phases_they_are_those_of_all() -> None:
    evaluate = Phase(run=1, at_ns=4 * SECOND, phase="evaluate")
    told = [of_rank(rank, second * SECOND, 10, comm_ms=5) for second in range(2, 5) for rank in (0, 1)]
    run = current(*BEGUN, measuring(at_ns=2 * SECOND), *told[:4], evaluate, *told[4:], at_s=5)
    assert run.times is not None
    assert run.times.count == 40


@pytest.mark.parametrize("leader", [0, 1])
def test_a_case_is_one_case_whichever_rank_comes_to_it_first(leader: int) -> None:
    begun, *first = casewise()[:4]
    second = casewise()[4:]
    follower = 1 - leader
    run = current(
        hello(),
        replace(begun, ranks=2),
        *(replace(frame, rank=leader) for frame in first),
        *(replace(frame, rank=leader) for frame in second),
        *(replace(frame, rank=follower) for frame in first),
        *(replace(frame, rank=follower) for frame in second),
        Done(run=1, at_ns=4 * SECOND),
    )
    assert (run.case, run.cases) == ("dear", 2)
    assert run.times is not None
    assert run.times.count == 10, "the measured steps of both ranks"
    assert run.samples_per_s == pytest.approx(40)
    assert run.flops_per_s == pytest.approx(400)


def test_what_another_rank_says_of_the_run_as_a_whole_is_not_heard() -> None:
    odd = (
        replace(started(), rank=1, workload="other", flops_per_unit=7.0),
        Score(run=1, rank=1, at_ns=SECOND, metric="top1_accuracy", value=0.1, samples=3),
        Done(run=1, rank=1, at_ns=SECOND, outcome="interrupted"),
    )
    run = current(*MEASURED, *odd)
    assert (run.state, run.accuracy) == ("running", None)
    assert run.flops_per_s == pytest.approx(160)


def test_what_a_rank_prints_bears_its_number() -> None:
    printed = Log(run=1, rank=1, at_ns=SECOND, text="hello", origin="stdout")
    assert view(*MEASURED, printed).log[-1].text == "rank 1: hello"
