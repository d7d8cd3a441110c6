"""straggler and communication-bound."""

from __future__ import annotations

from typing import Any

import pytest

from app.verdicts.rules.ranks.communication import communication_bound
from app.verdicts.rules.ranks.straggler import straggler
from app.verdicts.window import RankSums, Window
from tests.verdicts.h200 import MATMUL, device
from tests.verdicts.windows import started, steps, window
from workloads.wire.frames import Missing, Verdict

EVEN: dict[str, Any] = {
    "data_wait": 0.02,
    "h2d": 0.01,
    "forward": 0.3,
    "backward": 0.6,
    "optimizer": 0.05,
    "comm": 0.02,
}
"""Parts of a step that nobody waits in."""
WAITS: dict[str, Any] = EVEN | {"data_wait": 0.02, "forward": 0.2, "backward": 0.7, "comm": 0.3}
"""The same beside a slower rank."""


def ranks(*parts: dict[str, Any], **fields: Any) -> Window:
    """A run of so many ranks, each with these parts of the step."""
    sums = [steps(200, 50.0, **each) for each in parts]
    of = tuple(RankSums(rank=rank, steps=each) for rank, each in enumerate(sums))
    given = {"steps": sums[0], "ranks": of, "started": started("cuda:0", ranks=len(parts))}
    return window(**given | fields)


def test_a_rank_that_waits_for_data_while_others_wait_for_it_is_named_with_that_part() -> None:
    slow = EVEN | {"data_wait": 0.3, "forward": 0.2, "backward": 0.4}
    verdict = straggler(ranks(WAITS, WAITS, slow, WAITS))
    assert isinstance(verdict, Verdict)
    assert verdict.rank == 2
    assert verdict.summary.startswith(
        "straggler: rank 2 takes 1.40 times as long as the others, most of it in data wait"
    )
    assert verdict.bound == pytest.approx(1 / (1 - 0.28))
    assert "DataLoader" in verdict.next


def test_of_two_ranks_the_slower_one_stands_against_the_other_alone() -> None:
    verdict = straggler(ranks(WAITS, EVEN | {"forward": 0.5, "backward": 0.4}))
    assert isinstance(verdict, Verdict)
    assert verdict.rank == 1
    assert "in forward;" in verdict.summary
    assert verdict.bound == pytest.approx(1 / (1 - 0.28))


def test_processes_that_know_nothing_of_each_other_wait_for_none() -> None:
    apart = started("cuda:0", ranks=2, apart=True)
    assert straggler(ranks(WAITS, EVEN | {"forward": 0.5, "backward": 0.4}, started=apart)) is None
    assert communication_bound(ranks(WAITS, WAITS | {"comm": 0.4}, started=apart)) is None


def test_what_a_straggler_makes_others_wait_is_no_exchange() -> None:
    assert communication_bound(ranks(WAITS, EVEN)) is None


def test_ranks_that_differ_by_a_few_per_cent_are_even() -> None:
    uneven = ranks(EVEN, EVEN | {"comm": 0.06}, EVEN | {"comm": 0.05})
    assert straggler(uneven) is None
    assert communication_bound(uneven) is None


def test_an_exchange_that_all_wait_for_bounds_the_run() -> None:
    verdict = communication_bound(ranks(WAITS, WAITS | {"comm": 0.4}))
    assert isinstance(verdict, Verdict)
    assert verdict.bound == pytest.approx(1 / 0.7)
    assert "30 % of the time" in verdict.summary
    assert "no_sync" in verdict.next


def test_a_workload_of_benchtop_is_told_its_batch() -> None:
    own = started("cuda:0", ranks=2, workload="train/gpt", parameters={"batch": 16})
    verdict = communication_bound(ranks(WAITS, WAITS, started=own, hooked=False))
    assert isinstance(verdict, Verdict)
    assert verdict.next == "--set train/gpt.batch=32"


@pytest.mark.parametrize("rule", [straggler, communication_bound])
def test_what_is_not_measured_is_named(rule: Any) -> None:
    said = rule(ranks(EVEN, EVEN | {"comm": None}))
    assert isinstance(said, Missing)
    assert "rank 1" in said.what
    silent = rule(ranks(EVEN, EVEN, started=started("cuda:0", ranks=4)))
    assert isinstance(silent, Missing)
    assert "rank 2, 3" in silent.what


class TestScripts:
    """Scripts that are only listened to, whose wait for others nobody measures."""

    @staticmethod
    def on_cpu(*parts: dict[str, Any]) -> Window:
        """Without `comm`, on the processor."""
        return ranks(*[each | {"comm": None} for each in parts], started=started(ranks=len(parts)))

    def test_the_rank_whose_backward_fits_its_forward_is_the_one_that_others_wait_for(self) -> None:
        waits = EVEN | {"forward": 0.1, "backward": 0.82}
        works = EVEN | {"forward": 0.3, "backward": 0.62}
        verdict = straggler(self.on_cpu(waits, works))
        assert isinstance(verdict, Verdict)
        assert verdict.rank == 1
        assert verdict.confidence == "medium"
        assert communication_bound(self.on_cpu(waits, works)) is None

    def test_one_that_loads_data_while_others_are_in_backward_is_too(self) -> None:
        loads = EVEN | {"data_wait": 0.42, "forward": 0.16, "backward": 0.33}
        waits = EVEN | {"forward": 0.16, "backward": 0.73}
        verdict = straggler(self.on_cpu(waits, waits, loads))
        assert isinstance(verdict, Verdict)
        assert (verdict.rank, "data wait" in verdict.summary) == (2, True)

    def test_a_backward_of_all_that_is_far_longer_than_its_forward_exchanges(self) -> None:
        exchanges = EVEN | {"forward": 0.1, "backward": 0.8}
        verdict = communication_bound(self.on_cpu(exchanges, exchanges))
        assert isinstance(verdict, Verdict)
        assert verdict.bound == pytest.approx(2.0)
        assert straggler(self.on_cpu(exchanges, exchanges)) is None

    def test_even_ranks_are_even(self) -> None:
        assert straggler(self.on_cpu(EVEN, EVEN)) is None
        assert communication_bound(self.on_cpu(EVEN, EVEN)) is None

    def test_on_gpus_the_one_with_more_arithmetic_is_waited_for(self) -> None:
        other, slow = (device(MATMUL, tensor_active_percent=part) for part in (20.0, 60.0))
        verdict = straggler(ranks(EVEN | {"comm": None}, EVEN | {"comm": None}, gpus=(other, slow)))
        assert isinstance(verdict, Verdict)
        assert verdict.rank == 1
        assert verdict.bound == pytest.approx(3.0)
        even = straggler(ranks(EVEN | {"comm": None}, EVEN | {"comm": None}, gpus=(slow, slow)))
        assert isinstance(even, Missing)

    def test_gpus_that_only_keep_their_links_busy_exchange(self) -> None:
        links = device(MATMUL | {"nvlink_send_bytes_per_s": 9e10}, tensor_active_percent=4.0, dram_percent=12.0)
        parts = EVEN | {"comm": None}
        assert isinstance(communication_bound(ranks(parts, parts, gpus=(links, links))), Verdict)
        still = device(MATMUL, tensor_active_percent=4.0, dram_percent=12.0)
        assert isinstance(communication_bound(ranks(parts, parts, gpus=(still, still))), Missing)


@pytest.mark.parametrize("rule", [straggler, communication_bound])
def test_one_rank_alone_waits_for_nobody_and_a_probe_of_the_exchange_is_meant_to(rule: Any) -> None:
    assert rule(window()) is None
    assert rule(ranks(WAITS, WAITS, started=started("cuda:0", ranks=2, moves_over="ranks"))) is None
