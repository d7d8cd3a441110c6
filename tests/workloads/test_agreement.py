"""Ranks that agree on their number of steps, on a store within this process."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from torch.distributed import HashStore  # type: ignore[attr-defined]  # torch exports it, unsaid

from workloads.agreement import LOT_S, Agreement, Lots, Progress

GOING = Progress(stopping=False, enough=False, passed_s=1.0, left_s=None)


def ranks(count: int, lead: int = 1) -> list[Agreement]:
    store = HashStore()
    return [Agreement(store, rank, count, lead=lead) for rank in range(count)]


def never() -> Progress:
    raise AssertionError("only rank 0 judges")


def walk(lots: Lots, progress: Callable[[int], Progress]) -> Iterator[int]:
    """The steps of one rank."""
    done = 0
    while not lots.over(done, partial(progress, done)):
        done += 1
        yield done


def in_lockstep(agreements: list[Agreement], steps: int | None, progress: Callable[[int], Progress]) -> list[int]:
    """Every rank makes a step, then every rank the next, in any order → how many each made."""
    walks = [walk(each.lots(steps), progress if each.leads else lambda _: never()) for each in agreements]
    counts = [0] * len(walks)
    going = list(range(len(walks)))
    while going:
        # Rank 0 grants before it makes its step, as it does where all wait for its gradients.
        for rank in [0, *random.sample(going[1:], len(going) - 1)] if going[0] == 0 else list(going):
            made = next(walks[rank], None)
            if made is None:
                going.remove(rank)
            else:
                counts[rank] = made
    return counts


@pytest.mark.parametrize("lead", [1, 5])
@pytest.mark.parametrize("steps", [0, 1, 3, 100])
def test_a_number_of_steps_is_that_number_for_all(lead: int, steps: int) -> None:
    def progress(done: int) -> Progress:
        return GOING._replace(enough=done >= steps)

    assert in_lockstep(ranks(3, lead), steps, progress) == [steps] * 3


@pytest.mark.parametrize("lead", [1, 5])
def test_time_is_rank_0s_to_judge_and_ends_all_after_the_same_step(lead: int) -> None:
    def progress(done: int) -> Progress:
        return GOING._replace(passed_s=done * 0.01, left_s=3.0 - done * 0.01, enough=done >= 300)

    counts = in_lockstep(ranks(4, lead), None, progress)
    assert len(set(counts)) == 1
    assert 300 <= counts[0] <= 300 + lead + 1, "it ends with the lot that was granted before"


def test_a_wish_to_stop_ends_all_after_the_same_step_and_all_know_why() -> None:
    def progress(done: int) -> Progress:
        return GOING._replace(passed_s=done * 0.01, stopping=done > 200)

    agreements = ranks(2)
    counts = in_lockstep(agreements, None, progress)
    assert counts[0] == counts[1]
    assert 200 < counts[0] <= 200 + 2 * LOT_S / 0.01
    assert all(each.stopped for each in agreements)


@pytest.mark.parametrize("lead", [1, 5])
def test_no_rank_knows_of_a_stop_before_its_last_step_though_rank_0_has_granted_it(lead: int) -> None:
    agreements = ranks(2, lead)
    lots = [each.lots(None) for each in agreements]
    known: list[list[tuple[int, bool, bool]]] = [[], []]
    for done in range(400):
        for rank, each in enumerate(lots):
            progress = partial(GOING._replace, passed_s=done * 0.01, stopping=done > 100)
            over = each.over(done, progress if rank == 0 else never)
            known[rank].append((done, over, agreements[rank].stopped))
        if known[0][-1][1]:
            break
    assert known[0] == known[1]
    assert all(stopped is over for _, over, stopped in known[0])


def test_slow_steps_are_granted_one_by_one() -> None:
    def progress(done: int) -> Progress:
        return GOING._replace(passed_s=done * 2.0, stopping=done >= 10)

    counts = in_lockstep(ranks(2), None, progress)
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("lead", [1, 5])
@pytest.mark.parametrize("length", [2, 60])
def test_all_stop_for_a_profile_after_the_same_step_and_its_steps_are_of_the_length(lead: int, length: int) -> None:
    agreements = ranks(3, lead)
    lots = [each.lots(None) for each in agreements]
    done, taken = [0] * 3, list[list[tuple[int, int]]]([[], [], []])

    def progress(done: int) -> Progress:
        wish = f"profile of {length}" if done >= 50 and not taken[0] else ""
        return GOING._replace(passed_s=done * 0.01, enough=done >= 300, order=wish)

    going = [0, 1, 2]
    while going:
        for rank in list(going):  # rank 0 grants before the others ask
            over = lots[rank].over(done[rank], partial(progress, done[rank]) if rank == 0 else never)
            if order := lots[rank].order(done[rank]):
                steps = int(order.removeprefix("profile of "))
                taken[rank].append((done[rank], steps))
                done[rank] += steps
            elif over:
                going.remove(rank)
            else:
                done[rank] += 1
    assert taken[0] == taken[1] == taken[2]
    assert [steps for _, steps in taken[0]] == [length]
    assert done[0] == done[1] == done[2]


def test_who_asks_before_a_lot_is_granted_waits_for_it() -> None:
    first, second = ranks(2)
    lots = second.lots(3)
    made = [0]

    def follow() -> None:
        while not lots.over(made[0], never):
            made[0] += 1

    follower = threading.Thread(target=follow)
    follower.start()
    steps = sum(1 for _ in walk(first.lots(3), lambda done: GOING._replace(enough=done >= 3)))
    follower.join(30)
    assert (steps, made[0]) == (3, 3)


def test_the_word_of_one_is_known_to_all() -> None:
    agreements = ranks(3)
    heard: list[list[str]] = [[], [], []]

    def agree(rank: int) -> None:
        for word in ("", "no memory" if rank == 1 else "", ""):
            heard[rank].append(agreements[rank].agreed(word))

    threads = [threading.Thread(target=agree, args=(rank,)) for rank in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert heard == [["", "no memory", ""]] * 3


def test_a_meeting_is_over_when_all_have_come() -> None:
    agreements = ranks(3)
    came: list[int] = []

    def come(rank: int) -> None:
        came.append(rank)
        agreements[rank].meet()
        assert len(came) >= 3

    others = [threading.Thread(target=come, args=(rank,)) for rank in (1, 2)]
    for other in others:
        other.start()
    come(0)
    for other in others:
        other.join(30)
        assert not other.is_alive()
