"""A session in MLflow, read back by its client."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.export.asked import Asked
from app.analysis.export.command import export_session
from app.analysis.finishing.finish import finish
from app.session.store.folder import SessionFolder
from tests.analysis.journals import journalled, whole
from tests.hostile import write_hostile

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def export(folder: SessionFolder, target: Path) -> list[str]:
    said: list[str] = []
    export_session(folder, Asked("mlflow", str(target)), said.append)
    return said


def test_each_run_has_parameters_results_and_curves(tmp_path: Path) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415

    folder = journalled(tmp_path / "home", whole())
    finish(folder)
    export(folder, tmp_path / "out")
    client = MlflowClient((tmp_path / "out").as_uri())
    experiment = client.get_experiment_by_name(folder.name)
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert sorted(runs) == ["infer/digits", "train/digits"]
    training = runs["train/digits"]
    assert training.data.params["batch"] == "4"
    assert training.data.metrics["result/samples_per_s"] > 0
    assert training.info.status == "FINISHED"
    losses = client.get_metric_history(training.info.run_id, "loss")
    assert [(point.step, point.value) for point in losses] == [(step, 0.5) for step in range(28)]
    assert losses[0].timestamp == 1_001_100


def test_a_hostile_session_arrives(tmp_path: Path) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"))
    (said,) = export(folder, tmp_path / "out")
    assert "2 runs" in said


def test_what_mlflow_does_not_take_is_one_line(tmp_path: Path) -> None:
    folder = journalled(tmp_path / "home", whole())
    with pytest.raises(ValueError, match="did not take the session"):
        export_session(folder, Asked("mlflow", "nonsense://here"), lambda _: None)
