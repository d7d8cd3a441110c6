"""From what was typed to a plan, or to one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.planning import RunRequest, make_plan
from app.session.planning.via import behind, sampler_places, worker_places
from app.session.results.titles import titles
from app.session.roofs.roofline import Roofline


def plan_of(*workloads: str, **options: object) -> RunRequest:
    """A request with some options."""
    return RunRequest(workloads=workloads, **options)  # type: ignore[arg-type]


def test_a_setting_goes_to_every_workload_that_has_it() -> None:
    plan = make_plan(plan_of("train/digits", "infer/digits", settings=("batch=8", "epochs=2")), created_ns=5)
    assert plan.runs[0].parameters == {"batch": 8, "epochs": 2}
    assert plan.runs[1].parameters == {"batch": 8}
    assert plan.name == "train/digits infer/digits"
    assert plan.created_ns == 5


def test_an_objective_stands_in_the_plan_as_it_was_typed() -> None:
    assert make_plan(plan_of("infer/gpt", slo="ttft p95<200ms, tpot p95<30ms"), created_ns=0).slo == (
        "ttft p95<200ms, tpot p95<30ms"
    )
    assert not make_plan(plan_of("infer/gpt"), created_ns=0).slo


def test_a_setting_can_be_for_one_workload() -> None:
    plan = make_plan(plan_of("train/digits", "infer/digits", settings=("infer/digits.batch=8",)), created_ns=0)
    assert plan.runs[0].parameters == {}
    assert plan.runs[1].parameters == {"batch": 8}


def test_a_run_of_several_ranks_is_started_by_the_launcher() -> None:
    one, two = (make_plan(plan_of("train/digits", ranks=ranks), created_ns=0) for ranks in (1, 2))
    assert one.command(one.runs[0]) == one.worker
    assert two.command(two.runs[0]) == (*two.launcher, "--ranks", "2")
    assert two.launcher[-1] == "workloads.ranks"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (plan_of(), "at least one workload"),
        (plan_of("train/digits", ranks=0), "--ranks 0: give 1 to 1024"),
        (plan_of("train/digits", "probe/copy", ranks=2), "probe/copy runs on one rank"),
        (plan_of("train/digits", settings=("device=cuda:1",), ranks=2), "device=cuda"),
        (plan_of("train/digits", settings=("shard=fsdp",)), "--ranks N"),
        (plan_of("train/digit"), "train/digits"),
        (plan_of("probes"), "did you mean probe or"),
        (plan_of("probe", settings=("train/digits.batch=8",)), "not in this run"),
        (plan_of("train/digits", settings=("batch",)), "name=value"),
        (plan_of("train/digits", settings=("bach=8",)), "batch"),
        (plan_of("train/digits", settings=("batch=many",)), "batch"),
        (plan_of("train/digits", settings=("batch=0",)), "from 1"),
        (plan_of("train/digits", settings=("infer/digits.batch=1",)), "not in this run"),
        (plan_of("infer/digits"), "train/digits"),
        (plan_of("train/digits", slo="p99<50ms"), "--slo p99<50ms: it is for infer/*"),
        (plan_of("train/digits", "infer/digits", slo="p99"), "write it as"),
        (plan_of("train/digits", "infer/digits", slo="tpot p95<30ms"), "tokens, such as infer/gpt's"),
        (plan_of("train/digits", "infer/digits", slo="ttft p95<30ms"), "tokens, such as infer/gpt's"),
        (plan_of("infer/gpt", load="poisson:rate=5,rate=6"), "rate stands there twice"),
        (plan_of("infer/model"), "infer/model needs path: --set path="),
        (plan_of("infer/model", settings=("path=",)), "infer/model needs path"),
        (plan_of("infer/model", settings=("path=~nobody-of-this-name/model.pt2",)), "no such user"),
        (plan_of("train/digits", duration_s=-1.0), "--duration"),
        (plan_of("train/digits", duration_s=float("nan")), "--duration"),
        (plan_of("train/digits", steps=0), "--steps"),
        (plan_of("train/digits", warmup=-1), "--warmup"),
        (plan_of("train/digits", telemetry_hz=0.0), "--telemetry-hz"),
        (plan_of("train/digits", seed=-1), "--seed"),
        (plan_of("train/digits", via=" "), "--via"),
        (plan_of("train/digits", via="ssh 'host"), "close the quotes"),
        (plan_of("train/digits", via="no-such-command host"), "no-such-command"),
        (plan_of("train/digits", via="env", via_python=""), "--via-python"),
        (plan_of("train/digits", via_python="/usr/bin/python3"), "--via"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_line(request_: RunRequest, words: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the words are checked below
        make_plan(request_, created_ns=0)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_probe_stands_for_every_probe_and_each_may_be_skipped() -> None:
    plan = make_plan(plan_of("probe", "train/digits"), created_ns=0)
    *probes, train = plan.runs
    assert [run.run for run in plan.runs] == list(range(1, len(plan.runs) + 1))
    assert [run.parameters.get("precision") for run in probes[:4]] == ["float32", "tf32", "bfloat16", "float16"]
    assert [run.workload for run in probes[4:]] == [
        f"probe/{name}" for name in ("copy", "transfer", "launch", "attention", "conv")
    ]
    assert {(run.optional, run.duration_s) for run in probes} == {(True, 3.0)}
    assert (train.workload, train.optional, train.duration_s) == ("train/digits", False, None)
    assert plan.name == "probe train/digits"
    assert titles(plan.runs)[2] == "probe/matmul tf32"
    assert titles(plan.runs)[5] == "probe/copy"


def test_settings_and_lengths_reach_the_runs_that_probe_stands_for() -> None:
    settings = ("probe/matmul.size=64", "precision=float16", "device=cpu")
    plan = make_plan(plan_of("probe", settings=settings, duration_s=1.5), created_ns=0)
    matmul = [run.parameters for run in plan.runs if run.workload == "probe/matmul"]
    assert matmul == [{"precision": "float16", "size": 64, "device": "cpu"}], "four that are now the same are one"
    assert {run.duration_s for run in plan.runs} == {1.5}
    assert {run.parameters["device"] for run in plan.runs} == {"cpu"}
    assert {run.duration_s for run in make_plan(plan_of("probe", steps=2), created_ns=0).runs} == {None}


def test_workloads_that_are_named_twice_stay_two_runs() -> None:
    assert len(make_plan(plan_of("probe/copy", "probe/copy"), created_ns=0).runs) == 2


def test_inference_with_weights_of_its_own_needs_no_training(tmp_path: Path) -> None:
    weights = tmp_path / "where.pt"
    weights.touch()
    plan = make_plan(plan_of("infer/digits", settings=(f"weights={weights}",)), created_ns=0)
    assert plan.runs[0].parameters == {"weights": str(weights)}


def test_a_plan_takes_along_what_earlier_sessions_measured() -> None:
    roofline = Roofline(device_name="a processor", host="here", kind="cpu", bytes_per_s=1.0)
    assert make_plan(plan_of("train/digits"), 0, (roofline,)).rooflines == (roofline,)


def test_a_path_is_taken_from_where_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for path in (tmp_path / "model.pt2", home / "some.npz"):
        path.touch()
    model = make_plan(plan_of("infer/model", settings=("path=model.pt2", "inputs=~/some.npz")), created_ns=0)
    assert model.runs[0].parameters == {"path": f"{tmp_path}/model.pt2", "inputs": f"{home}/some.npz"}
    with pytest.raises(ValueError, match=f"^weights=weights-1.pt is not there: {tmp_path}/weights-1.pt$"):
        make_plan(plan_of("infer/digits", settings=("weights=weights-1.pt",)), created_ns=0)
    there = make_plan(plan_of("infer/digits", settings=("weights=~/w.pt",), via="env"), created_ns=0)
    assert there.runs[0].parameters == {"weights": "~/w.pt"}, "a path on another host is that host's to read"


def test_inference_that_can_do_without_weights_needs_no_training() -> None:
    plan = make_plan(plan_of("infer/resnet"), created_ns=0)
    assert plan.runs[0].parameters == {}


def test_a_word_in_the_place_of_a_path_stays_a_word() -> None:
    plan = make_plan(plan_of("train/resnet", settings=("input=synthetic",)), created_ns=0)
    assert plan.runs[0].parameters == {"input": "synthetic"}


def test_behind_a_command_worker_and_sampler_are_of_the_other_hosts_python_and_align_their_clocks() -> None:
    plan = make_plan(plan_of("train/digits", via="env 'A=a b'", via_python="/opt/py"), created_ns=0)
    assert plan.via == ("env", "A=a b")
    (worker,), (sampler,) = worker_places(plan, plan.runs[0]), sampler_places(plan)
    assert worker.command == ("env", "A=a b", "/opt/py", "-P", "-m", "workloads.worker", "--align")
    assert (worker.via, worker.python) == (plan.via, "/opt/py")
    assert sampler.command[2:6] == ("/opt/py", "-P", "-m", "app.telemetry")
    assert sampler.command[-1] == "--align"


def test_without_a_command_in_front_they_are_started_here_and_there_is_one_clock() -> None:
    plan = make_plan(plan_of("train/digits"), created_ns=0)
    (worker,), (sampler,) = worker_places(plan, plan.runs[0]), sampler_places(plan)
    assert worker.command == plan.worker
    assert "--align" not in sampler.command


def test_only_ssh_has_its_arguments_quoted() -> None:
    assert behind(("/usr/bin/ssh", "host"), ("a b",)) == ("/usr/bin/ssh", "host", "'a b'")
    assert behind(("docker", "exec", "-i", "ssh"), ("a b",)) == ("docker", "exec", "-i", "ssh", "a b")


def test_load_is_short_for_settings_of_every_workload_that_serves() -> None:
    plan = make_plan(plan_of("train/digits", "infer/digits", load="poisson:rate=500,max_batch=8"), created_ns=0)
    assert [run.parameters for run in plan.runs] == [{}, {"load": "poisson", "rate": 500.0, "max_batch": 8}]
    swept = make_plan(plan_of("infer/digits", load="poisson:rate=5,6", settings=("weights=/dev/null",)), created_ns=0)
    assert [run.parameters["rate"] for run in swept.runs] == [5.0, 6.0]
    set_too = make_plan(plan_of("infer/gpt", load="closed", settings=("concurrency=2",)), created_ns=0)
    assert set_too.runs[0].parameters == {"load": "closed", "concurrency": 2}


def test_a_trace_is_a_file_that_is_there(tmp_path: Path) -> None:
    trace = tmp_path / "due.txt"
    trace.write_text("0.5\n")
    (run,) = make_plan(plan_of("infer/gpt", load=f"trace={trace}"), created_ns=0).runs
    assert run.parameters == {"load": "trace", "trace": str(trace)}
    trace.write_text("0.5\nsoon\n")
    with pytest.raises(ValueError, match="line 2: 'soon'"):
        make_plan(plan_of("infer/gpt", load=f"trace={trace}"), created_ns=0)


@pytest.mark.parametrize(
    ("workload", "load", "settings", "told"),
    [
        ("train/digits", "poisson:rate=5", (), "for infer/*, and none of them is in this run"),
        ("infer/gpt", "poison:rate=5", (), "did you mean poisson"),
        ("infer/gpt", "poisson", (), "load=poisson needs a rate"),
        ("infer/gpt", "poisson:rate", (), "write rate as name=value"),
        ("infer/gpt", "poisson:rte=5", (), "did you mean rate"),
        ("infer/gpt", "poisson:rate=-1", (), "from 0 to 1e+06"),
        ("infer/gpt", "poisson:rate=5,concurrency=2", (), "concurrency=2 is for load closed, and the load is poisson"),
        ("infer/gpt", "burst:rate=5,trace=/dev/null", (), "trace=/dev/null is for load trace"),
        ("infer/gpt", "trace", (), "load=trace needs a file"),
        ("infer/gpt", "trace=/no/such", (), "trace=/no/such is not there"),
        ("infer/gpt", None, ("rate=5",), "rate=5.0 is for load poisson and burst, and the load is closed"),
        ("infer/gpt", "offline:max_batch=8", ("batch=4",), "max_batch=8 is more than batch=4"),
    ],
)
def test_a_load_that_does_not_fit_is_refused_in_one_line(
    workload: str, load: str | None, settings: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        make_plan(plan_of(workload, load=load, settings=settings), created_ns=0)
    assert told in str(refusal.value)
