"""Sums of a stretch of time in the place of its samples: what is shown is the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from app.session.live.histogram import keys_of
from app.session.live.view import View
from tests.session.frames import MS, SECOND, hello, measuring, requests, started, steps
from tests.session.live.test_live import view
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import AnyFrame, Counts, Courses, Gauges, Rollup, SlowOne, Stretches


def counts(*values: int) -> Counts:
    """As a roller makes them."""
    found = Counter(keys_of(values))
    return Counts(pack_integers(found.keys()), pack_integers(found.values()), max(values, default=0))


def rolled_steps(first_ns: int, count: int, **more: Any) -> Rollup:
    """The same steps as `steps` makes."""
    each = 100 * MS
    return Rollup(
        run=1,
        kind="steps",
        began_ns=first_ns,
        last_ns=first_ns + count * each,
        count=count,
        units=4 * count,
        wall_ns=count * each,
        times=counts(*[each] * count),
        parts={"data_wait": count * each // 10},
        loss=0.5,
        slowest=tuple(
            SlowOne(first_ns + place * each, each, (("data_wait", each // 10),)) for place in range(min(10, count))
        ),
        **more,
    )


def course(first: int, *values: float, seconds: int = 1, count: int = 1) -> Stretches:
    """Neighbouring buckets."""
    indexes = range(first, first + len(values))
    return Stretches(pack_integers(indexes), pack_floats(values, double=True), pack_integers([count] * len(values)))


def test_sums_are_shown_as_the_steps_were_and_steps_go_on_after_them() -> None:
    begin: tuple[AnyFrame, ...] = (hello(), started(), measuring())
    summed = {"units": 40.0, "moved": 400.0, "computed": 80.0, "p50": 99876864.0, "p99": 99876864.0, "loss": 0.5}
    courses = {name: course(0, value, value) for name, value in summed.items()}
    whole = view(*begin, steps(0, 10), steps(SECOND, 10), steps(2 * SECOND, 10), at_s=3.5)
    rolled = view(
        *begin,
        Courses(run=1, until_ns=2 * SECOND, courses=courses),
        rolled_steps(0, 10),
        rolled_steps(SECOND, 10),
        steps(2 * SECOND, 10),
        at_s=3.5,
    )
    assert rolled.current == whole.current
    assert without_courses(rolled) == without_courses(whole)
    for name in ("throughput", "bytes_per_s", "flops_per_s", "loss", "time_p50", "time_p99"):
        shown, expected = (getattr(of, name) for of in (rolled, whole))
        assert (shown.last, shown.bucket_ns) == (expected.last, expected.bucket_ns)
        assert [value or 0 for value in shown.values] == pytest.approx([value or 0 for value in expected.values], 0.008)


def without_courses(of: View) -> View:
    return replace(of, throughput=None, bytes_per_s=None, flops_per_s=None, loss=None, time_p50=None, time_p99=None)


def test_sums_of_requests_have_their_failures_and_those_that_waited_in_vain() -> None:
    rollup = Rollup(
        run=2,
        kind="requests",
        began_ns=0,
        last_ns=SECOND,
        count=2,
        units=2,
        wall_ns=400 * MS,
        times=counts(100 * MS, 300 * MS),
        failed=3,
        waits=counts(900 * MS),
        slowest=(SlowOne(0, 300 * MS, (("late", 0),)),),
    )
    run = view(hello(), measuring(run=2), rollup, requests([SECOND + MS], 200 * MS), at_s=2).runs[1]
    assert run.kind == "requests"
    assert run.steps == 3
    assert run.times is not None
    assert (run.times.count, run.times.largest) == (4, 900 * MS)
    assert [each.wall_ns for each in run.slow] == [300 * MS, 200 * MS]
    notices = view(hello(), measuring(run=2), rollup, at_s=2).notices
    assert any("failed: 3" in notice for notice in notices)
    assert any("never served: 1" in notice for notice in notices)


def test_the_course_of_a_device_goes_on_from_its_sums() -> None:
    past = Courses(
        device="host",
        until_ns=600 * SECOND,
        read_ns=599 * SECOND,
        seconds=64,
        courses={"cpu_percent": course(0, *[640.0] * 2, seconds=64, count=32)},
    )
    newest = Courses(device="host", until_ns=600 * SECOND, courses={"cpu_percent": course(128, *[40.0] * 472)})
    reading = Gauges(device="host", source="psutil", at_ns=600 * SECOND, readings={"cpu_percent": 50.0})
    shown = view(hello(), past, newest, at_s=600).host_device
    assert shown.readings == {}
    assert shown.series["cpu_percent"].values[-2:] == (40.0, None)
    after = view(hello(), past, newest, reading, at_s=600).host_device
    assert after.series["cpu_percent"].values[-2:] == (40.0, 50.0)
    assert after.readings["cpu_percent"].value == 50.0


def test_sums_that_are_not_sound_are_left_out() -> None:
    bad = (
        replace(rolled_steps(0, 1), times=Counts(pack_integers([1, 2]), pack_integers([1]), 3)),
        replace(rolled_steps(0, 1), times=Counts(pack_integers([1 << 16]), pack_integers([1]), 3)),
        Courses(run=1, until_ns=0, seconds=3, courses={"units": course(0, 1.0)}),
        Courses(run=1, until_ns=0, courses={"units": course(0, float("nan"))}),
    )
    shown = view(hello(), started(), measuring(), *bad, at_s=1)
    assert shown.notices[-1].endswith("not sound: 4")
    assert shown.runs[0].steps == 0
