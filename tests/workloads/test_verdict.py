"""How a run of several ranks ended: which of many complaints is the cause."""

from __future__ import annotations

import signal

import pytest

from workloads.verdict import Verdict
from workloads.wire.frames import Done, Failure, FailureKind, Outcome


def failure(message: str, at_ns: int = 10, kind: FailureKind = "crashed") -> Failure:
    return Failure(at_ns=at_ns, kind=kind, message=message, remedy="do this", detail="Traceback")


def done(outcome: Outcome = "done", dropped: int = 0) -> Done:
    return Done(at_ns=20, outcome=outcome, dropped=dropped)


def said(verdict: Verdict, statuses: dict[int, int] | None = None, *words: str) -> Failure:
    found = verdict.failure(statuses or {}, words, 99)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [(("done", "done"), "done"), (("done", "interrupted"), "interrupted"), (("failed", "interrupted"), "failed")],
)
def test_the_worst_of_all_ranks_is_the_runs(outcomes: tuple[Outcome, ...], worst: Outcome) -> None:
    verdict = Verdict(2)
    for rank, outcome in enumerate(outcomes):
        verdict.take(rank, done(outcome, dropped=rank + 1))
    assert verdict.outcome() == worst
    assert verdict.dropped() == 3


def test_the_earliest_failure_is_the_runs_and_the_others_are_for_the_log() -> None:
    verdict = Verdict(2)
    verdict.take(0, failure("RuntimeError: Connection reset by peer", at_ns=12))
    verdict.take(1, failure("IndexError: 7", at_ns=11))
    assert verdict.failing
    found = said(verdict, {0: 1, 1: 1}, "last words")
    assert (found.message, found.remedy) == ("rank 1: IndexError: 7", "do this")
    assert found.detail.splitlines() == ["Traceback", "rank 0: RuntimeError: Connection reset by peer", "last words"]


def test_what_all_ranks_say_alike_names_none() -> None:
    verdict = Verdict(2)
    for rank in (0, 1):
        verdict.take(rank, failure("precision=tf32 needs CUDA", kind="bad-input", at_ns=rank))
    assert said(verdict).message == "precision=tf32 needs CUDA"


def test_a_rank_that_was_killed_is_the_cause_though_the_others_complain_of_it() -> None:
    verdict = Verdict(2)
    verdict.take(0, failure("RuntimeError: Connection reset by peer"))
    verdict.take(0, done("failed"))
    verdict.lose(1)
    found = said(verdict, {0: 1, 1: -signal.SIGKILL})
    assert (found.kind, found.message) == ("killed", "rank 1 was killed by SIGKILL")


def test_a_rank_with_a_reason_of_its_own_is_the_cause_though_another_went_without_a_word() -> None:
    memory = Verdict(2)
    memory.take(0, failure("the GPU is out of memory", kind="cuda-out-of-memory"))
    memory.lose(1)
    assert said(memory, {1: -signal.SIGABRT}).message == "rank 0: the GPU is out of memory"
    aborted = Verdict(2)
    aborted.take(0, failure("IndexError: 7"))
    aborted.lose(1)
    assert said(aborted, {1: -signal.SIGABRT}).message == "rank 0: IndexError: 7", "NCCL's own watch aborts the others"


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (-signal.SIGSEGV, "crashed", "rank 1 crashed with SIGSEGV"),
        (-99, "killed", "rank 1 was killed by signal 99"),
        (3, "crashed", "rank 1 ended with exit status 3: libfoo.so: no such file"),
    ],
)
def test_a_rank_that_ended_without_a_word_is_told_by_its_status(status: int, kind: str, message: str) -> None:
    verdict = Verdict(2)
    verdict.take(0, done())
    words = ("libfoo.so: no such file", "E1125 torch/distributed/elastic/multiprocessing/api.py:1002] failed")
    found = said(verdict, {1: status}, *words)
    assert (found.kind, found.message) == (kind, message)


def test_a_run_that_did_not_fail_has_no_failure() -> None:
    verdict = Verdict(1)
    verdict.take(0, done("interrupted"))
    verdict.lose(0)
    assert verdict.failure({}, (), 0) is None


def test_a_run_that_does_not_fit_one_rank_is_left_out_by_all() -> None:
    verdict = Verdict(2)
    verdict.take(1, Done(at_ns=20, outcome="skipped", reason="it needs CUDA"))
    assert verdict.failing, "the other waits for it in vain"
    assert verdict.outcome() == "skipped"
    assert verdict.reason() == "it needs CUDA"
    assert verdict.failure({0: 113}, (), 0) is None
