"""A course made of rollups says what one made of the samples says, and the verdict of all of a run needs no looks."""

from __future__ import annotations

import pytest

from app.analysis.load import Loaded, load
from app.analysis.reporting import summed_course as module
from app.analysis.reporting.series import course
from app.analysis.reporting.summed_course import NEAR, summed_course
from app.analysis.summary.headline import measure_windows
from app.analysis.why.document import why_of
from tests.bench.large import large_session


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(large_session(tmp_path_factory.mktemp("home"), 40_000))


@pytest.mark.parametrize("most", [7, 400])
def test_it_is_the_course_of_the_samples(loaded: Loaded, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST", 1)
    record = loaded.manifest.runs[1]
    windows = measure_windows(record.phases, record.measured_until_ns)
    summed = summed_course(loaded.folder, "steps", record, windows, most)
    each = course(loaded.tables["steps"], "steps", 2, windows, most)
    assert summed is not None
    assert len(summed) <= most
    assert summed["n"].sum() == each["n"].sum() == 20_000
    assert summed["high"].max() == each["high"].max()
    assert summed["rate"].median() == pytest.approx(each["rate"].median(), rel=0.01)
    for name in ("low", "p10", "p50", "p90"):
        assert summed[name].median() == pytest.approx(each[name].median(), rel=NEAR / 100), name


def test_of_few_samples_or_without_a_folder_there_is_none(loaded: Loaded) -> None:
    record = loaded.manifest.runs[0]
    windows = measure_windows(record.phases, record.measured_until_ns)
    assert summed_course(loaded.folder, "steps", record, windows, 400) is None
    assert summed_course(None, "steps", record, windows, 400) is None


def test_what_is_said_of_all_of_a_run_does_not_rest_on_looks(loaded: Loaded) -> None:
    whole, looked = why_of(loaded, whole=True), why_of(loaded)
    assert [run.verdicts for run in whole.runs] == [run.verdicts for run in looked.runs]
    assert all(run.verdicts is not None for run in whole.runs)
