"""What lies before the newest buckets: all of it is known, in stretches that become longer, and memory stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.live.buckets import BUCKET_NS, KEPT, Course
from app.session.live.courses import with_courses
from app.session.live.past import MOST
from tests.session.frames import SECOND
from tests.session.live.test_live import TRAINING, fed


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=200).map(sorted))
def test_every_number_is_in_the_mean_of_its_stretch_and_there_are_never_many(indexes: list[int]) -> None:
    course = Course()
    numbers: dict[int, float] = {}
    for place, index in enumerate(indexes):
        course.put(index, float(place))
        numbers[index] = float(place)
    whole = course.whole()
    parts = whole.bucket_ns // BUCKET_NS
    first = whole.last - len(whole.values) + 1
    assert len(whole.values) <= MOST
    by_stretch: dict[int, list[float]] = {}
    for index, number in numbers.items():
        by_stretch.setdefault(index // parts, []).append(number)
    shown = {first + place: value for place, value in enumerate(whole.values) if value is not None}
    assert shown == {at: pytest.approx(sum(of) / len(of)) for at, of in by_stretch.items()}


def test_looking_at_it_changes_nothing_but_how_long_its_stretches_are() -> None:
    course = Course()
    for index in range(3 * KEPT):
        course.put(index, 1.0)
        if index % 100 == 0:
            course.whole()
    again = Course()
    for index in range(3 * KEPT):
        again.put(index, 1.0)
    assert course.whole() == again.whole()
    assert course.series(3 * KEPT - 1, KEPT) == again.series(3 * KEPT - 1, KEPT)


def test_a_view_of_all_of_the_session_has_its_beginning() -> None:
    session = fed(*TRAINING)
    now_ns = 4_000 * SECOND
    near, whole = session.view(now_ns), session.view(now_ns, whole=True)
    assert near.throughput is not None
    assert not any(near.throughput.values)
    seen = with_courses(near, whole)
    assert seen.throughput is not None
    assert [value for value in seen.throughput.values if value] == pytest.approx([40.0] * 4)
    assert seen.current == near.current
