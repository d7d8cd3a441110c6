"""Training beside inference of one model."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.compare.sides import open_side
from app.analysis.compare.train_vs_test import train_vs_test
from app.analysis.compare.train_vs_test_text import environments_text
from app.session.results.environments import Environments
from app.session.store.folder import SessionFolder
from tests.analysis.compare.sessions import MadeRun, made

GPU = {
    ("gpu0", "own_processes"): (1.0, 1.0, 1.0),
    ("gpu0", "memory_used_bytes"): (1e9, 3e9, 2e9),
    ("gpu1", "own_processes"): (0.0, 0.0, 0.0),
    ("gpu1", "memory_used_bytes"): (9e9, 9e9, 9e9),
    ("worker", "cpu_percent"): (100.0, 150.0, 250.0),
}
TRAINED = MadeRun([10.0] * 100, device="cuda:0", parameters={"batch": 64}, accuracy=0.97, gauges=GPU)
SERVED = MadeRun([2.0] * 100, "infer/digits", device="cuda:0", parameters={"batch": 1, "concurrency": 2}, accuracy=0.97)


def table(*folders: SessionFolder) -> Environments:
    return train_vs_test([open_side(place, folder, 0) for place, folder in enumerate(folders)])


def test_one_session_has_both(tmp_path: Path) -> None:
    (model,) = table(made(tmp_path, TRAINED, SERVED)).models
    assert model.model == "digits"
    assert [each.workload for each in model.environments] == ["train/digits", "infer/digits"]
    rows: dict[tuple[str, str], object] = {(row.section, row.name): row.values for row in model.rows}
    assert rows["scale", "batch"] == (64, 1)
    assert rows["scale", "concurrency"] == (None, 2)
    assert rows["quality", "accuracy"] == (0.97, 0.97)
    assert rows["speed", "step_p50_ms"] == (10.0, None)
    assert rows["speed", "latency_p50_ms"] == (None, 2.0)
    assert rows["needs", "gpus"] == (1, 1)
    # Of the GPU that it used, not of the one beside it; and the highest, not the mean.
    assert rows["needs", "gpu_memory_bytes"] == (3e9, None)
    assert rows["needs", "processors"] == (2.5, None)


def test_two_sessions_have_one_each_and_repeats_are_means(tmp_path: Path) -> None:
    runs = [TRAINED._replace(milliseconds=[step] * 50, repeat=n) for n, step in enumerate((9.0, 11.0), 1)]
    found = table(made(tmp_path, *runs, name="a"), made(tmp_path, SERVED, name="b"))
    (model,) = found.models
    assert [(each.label, each.runs) for each in model.environments] == [("A", 2), ("B", 1)]
    rows: dict[str, object] = {row.name: row.values for row in model.rows}
    assert rows["step_p50_ms"] == (10.0, None)
    text = environments_text(found, 100)
    assert "A train/digits" in text
    assert "what each needs" in text
    assert "–" in text
    assert max(map(len, environments_text(found, 60).splitlines())) <= 100


def test_of_a_sweep_each_stands_beside_its_counterpart(tmp_path: Path) -> None:
    wider = [
        run._replace(parameters={**run.parameters, "batch": 128}, variant=n)
        for n, run in enumerate((TRAINED, SERVED), 3)
    ]
    found = table(made(tmp_path, TRAINED._replace(variant=1), SERVED._replace(variant=2), *wider))
    (model,) = found.models
    assert [each.workload for each in model.environments] == ["train/digits", "infer/digits"] * 2
    assert "columns left out for want of room: 2" in (text := environments_text(found, 60))
    assert "infer/digits" in text


def test_a_model_that_was_only_trained_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model was both trained and served; there is train/digits"):
        table(made(tmp_path, TRAINED))
