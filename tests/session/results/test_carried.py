"""How many samples a percentile needs."""

from __future__ import annotations

import pytest

from app.session.results.carried import carries, needed


@pytest.mark.parametrize(
    ("share", "samples"), [(0.5, 11), (0.9, 64), (0.95, 130), (0.97, 219), (0.99, 662), (0.999, 6_636)]
)
def test_a_percentile_needs_so_many_samples_that_one_beyond_it_is_sure_to_be_among_them(
    share: float, samples: int
) -> None:
    def at_most_one_beyond(count: int) -> float:
        return float(share**count + count * (1 - share) * share ** (count - 1))

    assert needed(share) == samples
    assert at_most_one_beyond(samples) < 0.01 <= at_most_one_beyond(samples - 1)


def test_a_tail_is_carried_from_then_on_and_the_median_always() -> None:
    assert [carries(count, 0.9) for count in (1, 63, 64)] == [False, False, True]
    assert carries(1, 0.5)
