"""Event files, read back by TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.analysis.export.asked import Asked
from app.analysis.export.command import export_session
from app.analysis.finishing.finish import finish
from app.session.store.folder import SessionFolder
from tests.analysis.journals import journalled, whole
from tests.hostile import write_hostile

pytest.importorskip("tensorboard")


def curves(folder: SessionFolder, target: Path) -> dict[str, dict[str, list[Any]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415

    export_session(folder, Asked("tensorboard", str(target)), lambda _: None)
    found = {}
    for place in target.iterdir():
        read = EventAccumulator(str(place)).Reload()
        found[place.name] = {tag: read.Scalars(tag) for tag in read.Tags()["scalars"]}
    return found


def test_each_run_has_its_curves(tmp_path: Path) -> None:
    folder = journalled(tmp_path / "home", whole())
    finish(folder)
    found = curves(folder, tmp_path / "out")
    assert sorted(found) == ["run-1-train-digits", "run-2-infer-digits"]
    training = found["run-1-train-digits"]
    assert [point.step for point in training["loss"]] == list(range(28))
    assert training["loss"][0].wall_time == pytest.approx(1001.1)
    assert [point.value for point in training["gpu0/power_w (nvml)"]] == [10, 20, 30, 40, 50]
    assert len(found["run-2-infer-digits"]["request/latency_seconds"]) == 4


def test_a_hostile_session_makes_event_files(tmp_path: Path) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"), driving=True)
    found = curves(folder, tmp_path / "out")
    assert len(found) == 2
    assert all(len(tags["loss"]) == 20 for tags in found.values())
