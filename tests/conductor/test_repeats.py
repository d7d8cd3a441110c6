"""Repeats from the plan to the manifest: real conductor, real judge, a small worker that is nearly steady."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from app.conductor.record import Record
from app.conductor.run import Run
from app.conductor.sampling import Sampling
from app.session.planning import RunRequest, make_plan
from app.session.planning.via import sampler_places
from app.session.store.folder import create_session
from tests.conductor.harness import finished, plan_of


def test_a_session_repeats_until_its_headline_is_known(tmp_path: Path) -> None:
    """The worker's rates are 64,000 samples/s and half a percent less with each repeat."""
    small = plan_of("steady")
    asked = make_plan(RunRequest(workloads=("train/digits",), until="3%", max_repeats=5), small.created_ns)
    folder = finished(tmp_path, replace(asked, worker=small.worker, sampler=small.sampler))
    manifest = folder.read_manifest()
    assert manifest.outcome == "done"
    assert [run.outcome for run in manifest.runs] == ["done", "done", "done", "skipped", "skipped"]
    assert {run.reason for run in manifest.runs[3:]} == {"every headline is known within ±3.0 %"}
    assert [run.started.repeat for run in manifest.runs if run.started] == [1, 2, 3]
    assert [estimate.repeats for estimate in manifest.estimates] == [1, 2, 3]
    last = manifest.estimates[-1]
    assert last.low is not None
    assert last.high is not None
    assert 60_000 < last.low < last.value < last.high < 66_000
    assert "judge-failed" not in {finding.kind for finding in manifest.findings}


def test_an_inference_run_gets_the_weights_of_its_own_variant(tmp_path: Path) -> None:
    request = RunRequest(
        workloads=("train/digits", "infer/digits"), settings=("precision=float32,bfloat16",), repeats=2, seed=1
    )
    plan = make_plan(request, 0)
    folder = create_session(tmp_path, plan)
    trained = [run for run in plan.runs if run.workload == "train/digits"]
    for run in trained:
        folder.weights(run.run).touch()
    record = Record(folder)
    samplings = [Sampling(place, plan, record) for place in sampler_places(plan)]
    for planned in plan.runs:
        weights = Run(planned, plan, folder, record, samplings)._weights().get("weights")
        if planned.workload == "train/digits":
            assert weights is None
            continue
        (own,) = (
            run
            for run in trained
            if run.repeat == planned.repeat and run.parameters["precision"] == planned.parameters["precision"]
        )
        assert weights == str(folder.weights(own.run))
    record.close()
