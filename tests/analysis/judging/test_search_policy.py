"""The search against queues whose border is known, and against ones that are noisy."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.analysis.judging.search_policy import Found, Next, next_step
from app.session.results.bracket import Try, bracket

SERVICE_S = 0.002


def searched(meets: Callable[[float, int], bool], first: float, most: int = 40) -> tuple[Found, list[Try]]:
    """Search to the end, to 2 % → what was found, and the tries. `meets` is asked with the rate and the try's place."""
    tries: list[Try] = []
    while isinstance(step := next_step(tries, first=first, most=most, resolution=0.02), Next):
        tries.append(Try(step.rate, meets(step.rate, len(tries))))
    return step, tries


def narrow(found: Found, border: float) -> bool:
    """Whether it was found as closely as it was to be."""
    low, high = found.rate, found.fails_at
    return found.settled and low is not None and high is not None and low < border <= high <= low * 1.021


def p99_s(rate: float, seed: int, count: int = 3_000) -> float:
    """Of a queue with Poisson arrivals and a fixed service time, by Lindley's recursion."""
    chance = random.Random(seed)
    wait, waits = 0.0, []
    for _ in range(count):
        waits.append(wait)
        wait = max(0.0, wait + SERVICE_S - chance.expovariate(rate))
    return sorted(waits)[int(0.99 * count)] + SERVICE_S


@pytest.mark.parametrize("first", [1.0, 100.0, 411.0, 5_000.0, 1e6])
def test_the_border_is_found_from_above_and_from_below(first: float) -> None:
    found, tries = searched(lambda rate, _: rate < 412.5, first)
    assert narrow(found, 412.5)
    assert {(tried.rate, tried.met) for tried in tries} >= {(found.rate, True), (found.fails_at, False)}


def test_a_search_takes_few_tries() -> None:
    _, tries = searched(lambda rate, _: rate < 412.5, first=250.0)
    assert len(tries) == 10, "two to bracket, six to bisect, two to confirm"


def test_both_ends_of_the_last_bracket_are_tried_twice() -> None:
    found, tries = searched(lambda rate, _: rate < 412.5, first=250.0)
    for end in (found.rate, found.fails_at):
        assert sum(tried.rate == end for tried in tries) == 2


def test_a_fluke_that_fails_is_outvoted_and_the_search_goes_on_above_it() -> None:
    """The second try, at 500, fails by chance; the border is at 900."""
    found, _ = searched(lambda rate, place: place != 1 and rate < 900.0, first=250.0)
    assert narrow(found, 900.0)


def test_a_fluke_that_meets_is_outvoted_too() -> None:
    """The second try, at 500, meets by chance; the border is at 400."""
    found, _ = searched(lambda rate, place: place == 1 or rate < 400.0, first=250.0)
    assert narrow(found, 400.0)


def test_where_no_rate_meets_the_objective_the_search_ends_and_says_so() -> None:
    found, tries = searched(lambda *_: False, first=100.0)
    assert (found.rate, found.settled) == (None, True)
    assert len(tries) < 25


def test_tries_that_are_used_up_leave_the_bracket_as_far_as_it_is_known() -> None:
    found, tries = searched(lambda rate, _: rate < 412.5, first=250.0, most=4)
    assert len(tries) == 4
    assert found == Found(rate=353.6, fails_at=420.5, settled=False)


def test_without_a_failure_there_is_no_upper_end() -> None:
    found, _ = searched(lambda *_: True, first=100.0, most=5)
    assert found == Found(rate=1600.0, fails_at=None, settled=False)


def test_rates_whose_tries_are_divided_fail() -> None:
    tries = [Try(100.0, met=True), Try(200.0, met=True), Try(200.0, met=False)]
    assert bracket(tries) == (100.0, 200.0)


def test_a_noisy_queue_is_searched_to_its_border() -> None:
    """p99 below 10 ms at 2 ms of service. One try in ten lies."""
    border = max(rate for rate in range(250, 450, 10) if p99_s(rate, seed=1, count=30_000) < 0.010)
    chance = random.Random(5)

    def meets(rate: float, place: int) -> bool:
        return (p99_s(rate, 1000 + place) < 0.010) != (chance.random() < 0.1)

    found, tries = searched(meets, first=100.0)
    assert found.settled
    assert found.rate == pytest.approx(border, rel=0.12)
    assert len(tries) < 30


def test_a_rate_whose_two_tries_differ_is_tried_a_third_time_at_once() -> None:
    tries = [Try(100.0, met=True), Try(200.0, met=False), Try(101.0, met=False), Try(100.0, met=False)]
    assert next_step(tries, first=100.0, most=16, resolution=0.02) == Next(100.0, "confirm")
    outvoted = [*tries, Try(100.0, met=True)]
    assert next_step(outvoted, first=100.0, most=16, resolution=0.02) == Next(101.0, "confirm")


def test_the_search_ends_at_the_highest_rate_that_there_is() -> None:
    found, tries = searched(lambda *_: True, first=400_000.0)
    assert [tried.rate for tried in tries] == [400_000.0, 800_000.0, 1e6]
    assert (found.rate, found.fails_at, found.settled) == (1e6, None, True)
