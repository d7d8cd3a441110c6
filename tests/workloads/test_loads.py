"""Every workload that serves takes every load, keeps its arrivals, and says what it was asked for and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.workloads.archive import save_program
from tests.workloads.here import run_here
from tests.workloads.process import Talk, start
from workloads.data.digits import split_digits
from workloads.trace import read_trace
from workloads.train.digits_net import build_net
from workloads.train.digits_weights import save_digits
from workloads.wire.frames import Gauges, Log, Phase, RunStarted, Value


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("weights") / "weights-1.pt"
    net = build_net(8, torch.device("cpu"), seed=0)
    save_digits(path, net, seed=0, data_sha256=split_digits(0).sha256)
    return str(path)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_program(tmp_path_factory.mktemp("program") / "linear.pt2", torch.nn.Linear(2, 2), torch.ones(3, 2)))


def digits(weights: str, folder: Path, **settings: Value) -> Talk:
    return run_here(start("infer/digits", folder, weights=weights, threads=1, **{"warmup": 2, **settings}))


def test_a_schedule_is_served_kept_and_can_be_replayed(weights: str, tmp_path: Path) -> None:
    served = digits(weights, tmp_path, load="burst", rate=2_000.0, max_batch=8, duration_s=0.2, seed=3)
    due, sent, began, done = (served.column(f"{name}_ns") for name in ("scheduled", "sent", "started", "done"))
    kept = read_trace(tmp_path / "arrivals-1.txt")
    assert len(kept) == len(due)
    assert [at - due[0] for at in due] == [at - kept[0] for at in kept]
    assert all(a <= b <= c < d for a, b, c, d in zip(due, sent, began, done, strict=True))
    assert max(began.count(at) for at in set(began)) <= 8
    parameters = served.one(RunStarted).parameters
    assert (parameters["max_batch"], parameters["batch"], parameters["rate"]) == (8, 8, 2_000.0)
    assert not {"concurrency", "trace", "samples_per_query"} & set(parameters)
    assert [gauges.readings["queue_requests"] >= 0 for gauges in served.of(Gauges)]
    again = digits(weights, tmp_path / "..", load="trace", trace=str(tmp_path / "arrivals-1.txt"), steps=2)
    assert len(again.column("done_ns")) == 32, "--steps are batches of requests"


def test_offline_has_as_many_requests_as_the_warm_up_says_and_they_are_due_at_once(
    weights: str, tmp_path: Path
) -> None:
    served = digits(weights, tmp_path, load="offline", duration_s=0.05)
    due = served.column("scheduled_ns")
    (said,) = (log.text for log in served.of(Log) if log.text.startswith("offline: "))
    assert said.split()[1] == f"{len(due):,}"
    assert len(set(due)) == 1
    assert len(digits(weights, tmp_path, load="offline", requests=100).column("done_ns")) == 100
    few = digits(weights, tmp_path, load="offline", requests=20, duration_s=3600.0)
    assert len(few.column("done_ns")) == 20, "it is over with the last one, not with the duration"


@pytest.mark.parametrize("load", [{"load": "offline", "requests": 30_000, "duration_s": 0.01}, {"steps": 3}])
def test_measuring_ends_when_the_last_request_does(weights: str, tmp_path: Path, load: dict[str, Value]) -> None:
    served = digits(weights, tmp_path, **load)
    _, began, ended, tested = served.of(Phase)
    assert [ended.phase, tested.phase] == ["cooldown", "evaluate"]
    assert began.at_ns <= min(served.column("scheduled_ns"))
    last = max(served.column("done_ns"))
    assert last < ended.at_ns < tested.at_ns
    if 2 in served.column("outcome"):
        assert ended.at_ns == last + 1, "what is told of those that were never served is no measuring"


def test_one_stream_and_many(weights: str, tmp_path: Path) -> None:
    single = digits(weights, tmp_path, load="single-stream", steps=5)
    assert set(single.column("samples")) == {1}
    sent, done = single.column("sent_ns"), single.column("done_ns")
    assert sent[1:] == done[:-1]
    several = digits(weights, tmp_path, load="multi-stream", samples_per_query=12, steps=3)
    assert several.column("samples") == [12] * 3
    assert several.one(RunStarted).parameters["batch"] == 12


def test_a_model_of_the_users_own_serves_one_request_a_call(program: str, tmp_path: Path) -> None:
    for settings in ({"load": "poisson", "rate": 500.0, "requests": 20}, {"load": "offline", "requests": 20}):
        served = run_here(start("infer/model", tmp_path, path=program, threads=1, batch=3, **settings))  # type: ignore[arg-type]
        assert served.column("samples") == [3] * 20
        assert len(set(served.column("started_ns"))) == 20
    query = {"load": "multi-stream", "samples_per_query": 4, "steps": 2}
    served = run_here(start("infer/model", tmp_path, path=program, threads=1, batch=3, **query))  # type: ignore[arg-type]
    assert served.column("samples") == [12, 12]


def test_text_is_timed_from_when_each_request_was_due(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(20):
        (corpus / f"{number}.txt").write_text("the quick brown fox jumps over the lazy dog. " * 20)
    tiny: dict[str, Value] = {"prompt": 4, "new": 3, "batch": 2, "threads": 1, "warmup": 1, "corpus": str(corpus)}
    told = run_here(start("infer/gpt", tmp_path, load="poisson", rate=50.0, requests=7, **tiny))
    assert told.column("tokens") == [3] * 7
    due, began, first, done = (told.column(f"{name}_ns") for name in ("scheduled", "started", "first", "done"))
    assert all(a <= b < c < d for a, b, c, d in zip(due, began, first, done, strict=True))
    assert len(told.column("itl_ns")) == 2 * 7
    assert [phase.phase for phase in told.of(Phase)] == ["warmup", "measure", "cooldown"]
    with pytest.raises(ValueError, match=r"^load=multi-stream is for answers that come at once[^\n]+$"):
        run_here(start("infer/gpt", tmp_path, load="multi-stream", **tiny))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"load": "poisson"}, "load=poisson needs a rate"),
        ({"rate": 5.0}, "rate=5.0 is for load poisson and burst"),
        ({"load": "trace", "trace": "/no/such"}, "trace=/no/such is not a file"),
        ({"load": "poisson", "rate": 1e-6, "duration_s": 0.1}, "no request is due within 0.1 s"),
        ({"load": "offline", "warmup": 0}, "--set requests=N"),
    ],
)
def test_a_load_that_does_not_fit_is_refused_in_one_line(
    weights: str, tmp_path: Path, settings: dict[str, Value], told: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        digits(weights, tmp_path, **settings)
    assert told in str(refusal.value)
