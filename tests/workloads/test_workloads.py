"""What the workloads say about their work, whatever process they run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.here import run_here
from tests.workloads.process import start
from workloads.train.bare_digits import train
from workloads.wire.frames import Log, Phase, RunStarted, Score

NARROW = {"width": 2, "threads": 1}


def test_the_same_seed_gives_the_same_losses_whatever_the_warm_up(tmp_path: Path) -> None:
    first = run_here(start("train/digits", tmp_path, steps=30, seed=1, warmup=2, **NARROW))
    again = run_here(start("train/digits", tmp_path, steps=30, seed=1, warmup=0, **NARROW))
    other = run_here(start("train/digits", tmp_path, steps=30, seed=2, warmup=0, **NARROW))
    assert first.column("loss") == again.column("loss") != other.column("loss")
    assert len(first.column("loss")) == 30
    assert (len(first.column("loss", "warmup")), len(again.column("loss", "warmup"))) == (2, 0)
    assert first.of(Score)[-1].value == again.of(Score)[-1].value


def test_evaluation_comes_after_every_so_many_epochs_and_at_the_end(tmp_path: Path) -> None:
    trained = run_here(start("train/digits", tmp_path, epochs=3, evaluate_every=2, batch=700, warmup=1, **NARROW))
    assert [(score.epoch, score.step) for score in trained.of(Score)] == [(2, 4), (3, 6)]
    assert [phase.mark for phase in trained.of(Phase)] == [None, "epoch 1", "epoch 2", "epoch 3", "epoch 3", None]


@pytest.mark.parametrize(
    ("workload", "settings", "flops", "size"),
    [
        ("probe/matmul", {"size": 64, "inner": 3}, 2 * 64**3, 3 * 64 * 64 * 4),
        ("probe/matmul", {"size": 64, "inner": 3, "precision": "bfloat16"}, 2 * 64**3, 3 * 64 * 64 * 2),
        ("probe/copy", {"size_mib": 1, "inner": 3}, None, 2 * 2**20),
    ],
)
def test_probes_count_their_work(workload: str, settings: dict[str, int], flops: float | None, size: int) -> None:
    probed = run_here(start(workload, "", steps=4, threads=1, **settings))
    started = probed.one(RunStarted)
    assert (started.flops_per_unit, started.bytes_per_unit) == (flops, size)
    assert probed.column("samples") == [3, 3, 3, 3]
    assert [phase.phase for phase in probed.of(Phase)] == ["warmup", "measure"]


def test_serving_without_weights_says_where_to_get_them() -> None:
    with pytest.raises(ValueError, match="run train/digits before it in the same session, or --set weights=PATH"):
        run_here(start("infer/digits", ""))


def test_auto_takes_the_cpu_where_there_is_no_cuda_and_says_why() -> None:
    probed = run_here(start("probe/copy", "", size_mib=1, steps=1, device="auto"))
    if probed.one(RunStarted).device == "cpu":
        assert any(log.text.startswith("on the CPU: ") for log in probed.of(Log))


def test_the_bare_loop_does_the_same_work() -> None:
    bare = train(steps=5, batch=64, width=2, seed=0)
    assert bare["samples"] == 5 * 64
    assert bare["samples_per_s"] == bare["samples"] / bare["seconds"]
