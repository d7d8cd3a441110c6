"""Experiments, profiles and knobs of runs in this process: what they show, and that they leave no trace in the run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from torch.profiler import DeviceType

from tests.workloads.here import run_here
from tests.workloads.process import Talk, start, talk
from workloads.catalog import find_workload
from workloads.entries.experiments import SETTINGS, offered, why_not
from workloads.entries.knobs import knobs_of, turned
from workloads.launch import finish, prepare
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.train.resnet import loss_of
from workloads.trying.profile import on_device
from workloads.trying.trace import look_into
from workloads.wire.columns import unpack
from workloads.wire.commands import SetKnob, TakeProfile, Try
from workloads.wire.frames import Event, Log, Operator, Phase, Profile, Requests, RunStarted, Score, Steps, Value
from workloads.wire.framing import FrameReader

TINY = {"width": 2, "batch": 16, "threads": 1, "warmup": 1, "epochs": 1}

DIGITS = find_workload("train/digits")


def asking(*commands: Any) -> Orders:
    """Orders that have come before the first step."""
    orders = Orders()
    orders.asked.extend(commands)
    return orders


def course(talk: Talk) -> list[tuple[str, str | None, int]]:
    """Each phase with its case and how many steps it has; those without steps are left out."""
    found: list[tuple[str, str | None, int]] = []
    for frame in talk.frames:
        if isinstance(frame, Phase):
            found.append((frame.phase, frame.case, 0))
        elif isinstance(frame, Steps):
            phase, case, count = found[-1]
            found[-1] = (phase, case, count + len(unpack(frame.wall_ns)))
    return [entry for entry in found if entry[2]]


def warnings(talk: Talk) -> list[str]:
    return [log.text for log in talk.of(Log) if log.level == "warning"]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return run_here(start("train/digits", tmp_path_factory.mktemp("untouched"), **TINY))


@pytest.mark.parametrize("experiment", ["double-batch", "resident-batch", "bfloat16"])
def test_blocks_alternate_and_the_run_learns_what_it_would_have_learned(
    tmp_path: Path, untouched: Talk, experiment: str
) -> None:
    order = start("train/digits", tmp_path, **TINY)
    tried = run_here(order, asking(Try(experiment=experiment, blocks=3, steps=2)))
    blocks = [(case, count) for phase, case, count in course(tried) if phase == "experiment" and case is not None]
    assert blocks == [("plain", 2), (experiment, 2)] * 3
    assert tried.column("loss") == untouched.column("loss"), "order of data, weights and optimizer are as they were"
    assert tried.one(Score).value == untouched.one(Score).value
    assert not warnings(tried)
    samples = {experiment: set[float](), "plain": set[float]()}
    case: str | None = None
    for frame in tried.frames:
        if isinstance(frame, Phase):
            case = frame.case
        elif isinstance(frame, Steps) and case is not None:
            samples[case] |= set(unpack(frame.samples))
    assert samples == {"plain": {16}, experiment: {32 if experiment == "double-batch" else 16}}


def test_a_text_is_tried_on_too(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(20):
        (tmp_path / "corpus" / f"{number}.txt").write_text(f"the {number}th of a few small files " * 20)
    small: dict[str, Value] = {"threads": 1, "batch": 4, "context": 16, "steps": 3, "warmup": 1}
    order = start("train/gpt", tmp_path, corpus=str(tmp_path / "corpus"), **small)
    plain = run_here(order)
    tried = run_here(order, asking(*(Try(experiment=name, blocks=1, steps=1) for name in ("double-batch", "bfloat16"))))
    cases = [case for phase, case, _ in course(tried) if case is not None]
    assert cases == ["plain", "double-batch", "plain", "bfloat16"]
    assert tried.column("loss") == plain.column("loss")
    assert set(tried.column("tokens", "experiment")) == {4 * 16, 8 * 16}


def test_images_that_others_make_are_fed_beside_the_run(tmp_path: Path) -> None:
    small: dict[str, Value] = {
        "threads": 1,
        "batch": 2,
        "image": 32,
        "steps": 3,
        "warmup": 1,
        "input": "synthetic",
        "workers": 1,
        "prefetch": 1,
    }
    order = start("train/resnet", tmp_path, **small)
    plain = run_here(order)
    tried = run_here(order, asking(Try(experiment="resident-batch", blocks=1, steps=1)))
    assert [case for _, case, _ in course(tried) if case] == ["plain", "resident-batch"]
    ready, measured = tried.column("loss", "warmup")[1:], tried.column("loss")
    assert (len(ready), [*ready, *measured]) == (2, plain.column("loss")), "what is ready by then is not measured"
    settled = [count for phase, case, count in course(tried) if phase == "experiment" and case is None]
    assert settled[0] == 1 + 2 + 2, "what was ready beforehand is used up before a block counts"


def test_a_step_as_one_graph_is_the_same_step(
    tmp_path: Path, untouched: Talk, monkeypatch: pytest.MonkeyPatch, weights: str
) -> None:
    recorded: list[object] = []

    def record(work: Any) -> Any:
        """What a graph does: the work, in the same memory."""
        recorded.append(work())
        return work

    monkeypatch.setattr("workloads.trying.experiment.why_not", lambda *_: "")
    for user in ("workloads.train.graphed", "workloads.infer.classifier"):
        monkeypatch.setattr(f"{user}.recorded", record)
    asked = Try(experiment="cuda-graph", blocks=2, steps=2)
    trained = run_here(start("train/digits", tmp_path, **TINY), asking(asked))
    assert [case for _, case, _ in course(trained) if case] == ["plain", "cuda-graph"] * 2
    assert trained.column("loss") == untouched.column("loss")
    order = start("infer/digits", tmp_path, weights=weights, batch=4, concurrency=6, threads=1, warmup=1, steps=5)
    tried = run_here(order, asking(asked))
    assert served(tried)["cuda-graph"] == 2 * 2 * 4
    assert not warnings(trained) + warnings(tried)
    assert len(recorded) == 2


def test_what_cannot_be_tried_is_said_in_a_line_and_nothing_else_happens(tmp_path: Path, untouched: Talk) -> None:
    asked = [Try(experiment=name, blocks=1, steps=1) for name in ("cuda-graph", "pinned-copies", "magic")]
    tried = run_here(start("train/digits", tmp_path, **TINY), asking(*asked, Try(experiment="")))
    assert warnings(tried) == [
        "cuda-graph needs CUDA, and the run is on cpu",
        f"train/digits has no experiment pinned-copies; it offers: {', '.join(DIGITS.experiments)}",
        "no experiment 'magic'; there are: " + ", ".join(SETTINGS),
    ]
    assert "experiment" not in {phase.phase for phase in tried.of(Phase)}
    assert tried.column("loss") == untouched.column("loss")


def test_an_experiment_that_cannot_be_made_ready_is_undone(tmp_path: Path) -> None:
    order = start("train/digits", tmp_path, width=2, batch=1000, threads=1, warmup=0, steps=2)
    tried = run_here(order, asking(Try(experiment="double-batch", blocks=1, steps=1)))
    (told,) = warnings(tried)
    assert told.startswith("double-batch cannot be tried: ")
    assert len(tried.column("loss")) == 2


def test_an_order_without_a_name_ends_an_experiment_and_others_wait_for_its_end(tmp_path: Path) -> None:
    asked = [Try(experiment="double-batch", blocks=1000, steps=1), TakeProfile(steps=1), Try(experiment="")]
    tried = run_here(start("train/digits", tmp_path, **TINY), asking(*asked))
    assert not [case for _, case, _ in course(tried) if case is not None]
    assert tried.one(Profile).steps == 1
    assert tried.of(Score)


def test_a_profile_is_of_the_runs_own_steps_and_kept_as_a_trace(
    tmp_path: Path, untouched: Talk, capfd: pytest.CaptureFixture[str]
) -> None:
    order = start("train/digits", tmp_path, **TINY)
    taken = run_here(order, asking(TakeProfile(steps=3), TakeProfile(steps=1000)))
    steps = {phase: count for phase, _, count in course(taken) if phase == "measure"}
    assert [count for phase, _, count in course(taken) if phase == "profile"] == [4, 89 - 4]
    assert "measure" not in steps
    losses = [*taken.column("loss", "profile"), *taken.column("loss")]
    assert losses == untouched.column("loss"), "the run learns from them as from any others"
    first, second = taken.of(Profile)
    assert (first.steps, first.reason) == (3, "")
    assert (second.steps, second.reason) == (84, "84 of 1000 steps: no more were left")
    assert [first.file, second.file] == ["profile-1-1.json.gz", "profile-1-2.json.gz"]
    packed = (tmp_path / first.file).read_bytes()
    assert len(packed) == first.size_bytes
    trace = json.loads(gzip.decompress(packed))
    assert any("convolution" in str(event.get("name")) for event in trace["traceEvents"])
    names = {row.name: row for row in first.operators}
    assert names["aten::addmm"].calls == 3
    assert names["aten::addmm"].host_ns > 0
    assert (first.device_busy_ns, first.gaps) == (None, ())
    assert capfd.readouterr().err == "", "a profiler that says that it starts would stand among the run's own lines"
    assert sum(row.host_ns for row in first.operators) > 0
    assert not [path for path in tmp_path.iterdir() if path.is_dir()], "nothing is left of making it"


def test_a_trace_that_would_be_too_large_is_cut_short_or_not_kept(tmp_path: Path) -> None:
    taken = run_here(start("train/digits", tmp_path, **TINY), asking(TakeProfile(steps=50, largest_bytes=1000)))
    profile = taken.one(Profile)
    assert profile.steps == 1
    assert profile.file == ""
    assert profile.reason.endswith("and was not kept")
    assert profile.operators
    assert not list(tmp_path.glob("profile-*"))


def test_what_keeps_a_profile_from_being_taken_is_said_and_the_run_goes_on(tmp_path: Path) -> None:
    order = start("probe/launch", tmp_path / "none", inner=2, threads=1, warmup=1, steps=2)
    taken = run_here(order, asking(TakeProfile(steps=1)))
    assert taken.one(Profile).reason.startswith("no profile could be taken: ")
    assert len(taken.column("wall_ns")) == 2


def test_what_the_run_raises_while_it_is_profiled_is_its_own_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the device is lost")

    monkeypatch.setattr("workloads.probe.probing.one_step", fail)
    with pytest.raises(RuntimeError, match="the device is lost"):
        run_here(start("probe/launch", tmp_path, threads=1, warmup=0, steps=9), asking(TakeProfile(steps=1)))


class Kernel:
    """An event of a simulated trace."""

    def __init__(self, name: str, start: int, end: int, *, number: int = 0, link: int = 0, thread: int = 1) -> None:
        self._said = (name, start, end, number, link, thread)
        self.there = name.startswith("kernel")

    name = lambda self: self._said[0]  # noqa: E731
    start_ns = lambda self: self._said[1]  # noqa: E731
    duration_ns = lambda self: self._said[2] - self._said[1]  # noqa: E731
    correlation_id = lambda self: self._said[3]  # noqa: E731
    linked_correlation_id = lambda self: self._said[4]  # noqa: E731
    start_thread_id = lambda self: self._said[5]  # noqa: E731
    is_async = lambda self: False  # noqa: E731


class Traced(Kernel):
    """The same, of a torch that tells what an event is; "" for one that does not."""

    def __init__(self, *of: Any, activity: str = "", **numbers: Any) -> None:
        super().__init__(*of, **numbers)
        self.activity_type = lambda: activity

    device_type = lambda self: DeviceType.CUDA if self.there else DeviceType.CPU  # noqa: E731


def test_a_trace_says_own_times_and_when_the_device_had_nothing_to_do() -> None:
    seen = look_into(
        [
            Kernel("outer", 100_000, 150_000, number=7),
            Kernel("inner", 110_000, 130_000, number=8),
            Kernel("launch", 112_000, 113_000, link=8),
            Kernel("other thread", 105_000, 106_000, number=9, thread=2),
            Kernel("kernel a", 120_000, 140_000, link=8),
            Kernel("kernel b", 130_000, 145_000, link=8),
            Kernel("kernel c", 160_000, 170_000),
            Kernel("kernel d", 200_000, 210_000, link=8),
            Kernel("note", 0, 900_000),
        ],
        lambda event: None if event.name() == "note" else event.there,  # type: ignore[attr-defined]
    )
    assert seen.window_ns == 110_000
    assert seen.device_busy_ns == 25_000 + 10_000 + 10_000
    assert seen.gaps == ((70_000, 30_000), (45_000, 15_000))
    rows = {row.name: (row.calls, row.host_ns, row.device_ns) for row in seen.operators}
    assert rows == {
        "inner": (1, 19_000, 45_000),
        "kernel c": (1, 0, 10_000),
        "outer": (1, 30_000, None),
        "launch": (1, 1_000, None),
        "other thread": (1, 1_000, None),
    }


def test_what_a_profiler_costs_is_no_operator_and_takes_no_kernels() -> None:
    """CUPTI numbers its overhead by other numbers: a kernel of operator 7 would count to the overhead that is 7."""
    events = [
        Traced("aten::mm", 100_000, 150_000, number=7),
        Traced("Command Buffer Full", 110_000, 140_000, number=7, activity="overhead"),
        Traced("Some Later Kind", 110_000, 140_000, number=7, activity="overhead"),
        Traced("Command Buffer Full", 110_000, 140_000, number=7),
        Traced("kernel", 120_000, 160_000, link=7, activity="kernel"),
    ]
    assert [on_device(event) for event in events] == [False, None, None, None, True]
    assert look_into(events, on_device).operators == (
        Operator(name="aten::mm", calls=1, host_ns=50_000, device_ns=40_000),
    )


def test_a_knob_begins_another_measurement_with_another_configuration(tmp_path: Path) -> None:
    order = start("train/digits", tmp_path, **{**TINY, "epochs": 2})
    turned_once = run_here(order, asking(SetKnob(name="batch", value=32), SetKnob(name="precision", value="bfloat16")))
    first, then, last = turned_once.of(RunStarted)
    assert (first.parameters["batch"], then.parameters["batch"], last.parameters["precision"]) == (16, 32, "bfloat16")
    assert (first.precision, last.precision) == ("float32", "bfloat16")
    assert {first.at_ns} == {then.at_ns, last.at_ns}
    assert [event.text for event in turned_once.of(Event) if event.kind == "knob"] == [
        "batch = 32",
        "precision = bfloat16",
    ]
    phases = [(phase.phase, phase.mark) for phase in turned_once.of(Phase)]
    assert ("measure", "precision = bfloat16") in phases
    assert set(turned_once.column("samples")) == {32}
    assert len(turned_once.column("samples")) == 2 * 89 - 3, "the first steps with another shape are not measured"
    assert [score.epoch for score in turned_once.of(Score)] == [None, None]


def test_a_knob_that_is_none_or_set_to_nonsense_is_said_in_a_line(tmp_path: Path, untouched: Talk) -> None:
    asked = [
        SetKnob(name="width", value=4),
        SetKnob(name="batch", value=0),
        SetKnob(name="batch", value="many"),
        SetKnob(name="precision", value="tf32"),
    ]
    left = run_here(start("train/digits", tmp_path, **TINY), asking(*asked))
    assert warnings(left) == [
        "no knob of train/digits 'width'; there are: batch, precision",
        "batch=0 is not allowed; allowed: from 1 to 1437",
        "batch=many is no whole number; allowed: from 1 to 1437",
        "precision=tf32 needs CUDA, and the run is on cpu",
    ]
    assert left.column("loss") == untouched.column("loss")
    assert len(left.of(RunStarted)) == 1


def test_a_probe_is_tried_in_another_precision_and_profiled_in_its_phase() -> None:
    order = start("probe/matmul", "", size=32, inner=1, threads=1, warmup=1, steps=6)
    asked = [Try(experiment="bfloat16", blocks=2, steps=3), SetKnob(name="size", value=64)]
    tried = run_here(order, asking(*asked))
    blocks = [(case, count) for _, case, count in course(tried) if case is not None]
    assert blocks == [("plain", 3), ("bfloat16", 3)] * 2
    assert len(tried.column("wall_ns")) == 6
    assert warnings(tried) == ["probe/matmul has no knob that could be turned while it runs"]


def test_a_case_of_a_probe_goes_on_behind_a_profile(tmp_path: Path) -> None:
    order = start("probe/launch", tmp_path, inner=2, threads=1, warmup=1, steps=6)
    taken = run_here(order, asking(TakeProfile(steps=2)))
    assert taken.one(Profile).steps == 2
    assert {phase.case for phase in taken.of(Phase) if phase.phase == "measure"} == {"operator calls, eager"}
    assert (len(taken.column("wall_ns")), len(taken.column("wall_ns", "profile"))) == (3, 3)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("weights")
    run_here(start("train/digits", folder, **{**TINY, "warmup": 0}))
    return str(folder / "weights-1.pt")


def served(talk: Talk) -> dict[str | None, int]:
    """Case of an experiment → requests answered in it."""
    counts: dict[str | None, int] = {}
    phase: Phase | None = None
    for frame in talk.frames:
        if isinstance(frame, Phase):
            phase = frame
        elif isinstance(frame, Requests) and phase is not None and phase.phase == "experiment":
            counts[phase.case] = counts.get(phase.case, 0) + len(unpack(frame.done_ns))
    return counts


def test_a_server_is_tried_beside_the_runs_own(tmp_path: Path, weights: str) -> None:
    order = start("infer/digits", tmp_path, weights=weights, batch=4, concurrency=8, threads=1, warmup=1, steps=5)
    asked = [Try(experiment=name, blocks=2, steps=3) for name in ("double-batch", "bfloat16")]
    tried = run_here(order, asking(*asked, TakeProfile(steps=2)))
    counts = served(tried)
    assert counts.pop(None), "a block settles, and what settles is of neither side"
    assert counts == {"plain": 4 * 3 * 4, "double-batch": 2 * 3 * 8, "bfloat16": 2 * 3 * 4}
    assert tried.one(Profile).steps == 2
    assert len(tried.column("done_ns")) == (5 - 3) * 4
    assert tried.one(Score).samples == 360
    assert not warnings(tried)


def test_more_clients_and_larger_batches_begin_another_measurement(tmp_path: Path, weights: str) -> None:
    order = start("infer/digits", tmp_path, weights=weights, batch=4, concurrency=4, threads=1, warmup=1, steps=5)
    asked = [SetKnob(name="concurrency", value=2), SetKnob(name="batch", value=8), SetKnob(name="rate", value=5.0)]
    changed = run_here(order, asking(*asked))
    wanted = [(4, 4, 4), (4, 2, 2), (8, 8, 8)]
    told = [started.parameters for started in changed.of(RunStarted)]
    assert [(each["batch"], each["max_batch"], each["concurrency"]) for each in told] == wanted
    assert len(changed.column("done_ns")) == 5 * 8
    assert warnings(changed) == ["rate is no knob of a load of closed"]


def test_what_is_tried_after_a_knob_was_turned_is_tried_on_the_run_as_it_is_now(tmp_path: Path, weights: str) -> None:
    order = start("infer/digits", tmp_path, weights=weights, batch=4, concurrency=4, threads=1, warmup=1, steps=2)
    asked = (SetKnob(name="batch", value=8), Try(experiment="bfloat16", blocks=1, steps=1))
    tried = run_here(order, asking(*asked))
    counts = served(tried)
    assert (counts["plain"], counts["bfloat16"]) == (8, 8)
    assert not warnings(tried)


def test_other_processes_make_batches_of_the_size_that_was_set_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def noted(*given: Any) -> Any:
        sizes.append(len(given[2]))
        return loss_of(*given)

    monkeypatch.setattr("workloads.train.resnet.loss_of", noted)
    fed: dict[str, Value] = {"input": "synthetic", "workers": 0, "image": 32, "batch": 2}
    order = start("train/resnet", tmp_path, **fed, threads=1, warmup=0, steps=6)
    run_here(order, asking(SetKnob(name="batch", value=3), SetKnob(name="workers", value=1)))
    assert set(sizes[-6:]) == {3}


def test_another_rate_is_another_schedule_and_nothing_else_disturbs_one(tmp_path: Path, weights: str) -> None:
    orders = asking(Try(experiment="double-batch"), TakeProfile(), SetKnob(name="rate", value=0.0))
    order = start(
        "infer/digits", tmp_path, weights=weights, load="poisson", rate=50.0, threads=1, warmup=1, duration_s=0.4
    )
    left = run_here(order, orders)
    assert len(left.of(RunStarted)) == 1
    assert left.one(Profile).reason.startswith("this needs requests that come when answers do")
    assert [text.partition(":")[0] for text in warnings(left)] == ["double-batch", "rate = 0.0"]
    changed = run_here(order, asking(SetKnob(name="rate", value=400.0)))
    assert changed.of(RunStarted)[-1].parameters["rate"] == 400.0
    assert len(changed.column("done_ns")) > 2 * len(left.column("done_ns"))


def test_a_told_text_and_an_image_are_tried_too(tmp_path: Path) -> None:
    text = start("infer/gpt", tmp_path, batch=2, prompt=4, new=2, threads=1, warmup=0, steps=1)
    told = run_here(text, asking(Try(experiment="double-batch", blocks=1, steps=1), SetKnob(name="batch", value=1)))
    assert served(told)["double-batch"] == 4
    assert len(told.column("done_ns")) == 1
    small: dict[str, Value] = {"threads": 1, "image": 32, "input": "synthetic", "workers": 0, "warmup": 0, "steps": 1}
    asked = [Try(experiment=name, blocks=1, steps=1) for name in ("resident-batch", "bfloat16")]
    seen = run_here(start("infer/resnet", tmp_path, **small), asking(*asked))
    assert [served(seen)[name] for name in ("resident-batch", "bfloat16")] == [1, 1]
    assert not warnings(told) + warnings(seen)


def test_the_catalogue_says_what_can_be_tried_without_a_worker() -> None:
    digits, resnet, launch = DIGITS, find_workload("train/resnet"), find_workload("probe/launch")
    assert offered(digits, {"precision": "float32"}, "cuda:0") == digits.experiments
    assert offered(digits, {"precision": "bfloat16"}, "cpu") == ("resident-batch", "double-batch")
    fed: dict[str, Value] = {"precision": "tf32", "input": "synthetic", "pin": True}
    assert offered(resnet, fed, "cuda:0") == ("resident-batch", "double-batch", "bfloat16", "cuda-graph")
    assert "one rank" in why_not("double-batch", digits, {}, "cpu", 2)
    assert why_not("double-batch", launch, {}, "cpu") == "probe/launch has no experiment double-batch; it offers: none"
    assert knobs_of(resnet, fed) == ("batch", "precision", "workers")
    assert knobs_of(resnet, {"input": "resident"}) == ("batch", "precision")
    assert turned("batch", "64", digits, {}, device="cpu") == 64
    with pytest.raises(ValueError, match="workers is no knob of a run whose batch is resident"):
        turned("workers", "2", resnet, {"input": "resident"}, device="cpu")
    with pytest.raises(ValueError, match="probe/launch has no knob"):
        turned("batch", 1, launch, {}, device="cpu")


def test_what_comes_too_late_is_said_when_the_run_is_over(tmp_path: Path) -> None:
    sent = bytearray()
    recorder, orders = Recorder(sent.extend), Orders()
    run = prepare(start("probe/launch", tmp_path, threads=1), find_workload("probe/launch"), recorder, orders)
    orders.asked.extend((TakeProfile(), Try(experiment="double-batch"), Try(experiment="")))
    finish(run)
    recorder.start()
    recorder.close()
    left = Talk(list(FrameReader().feed(sent)))
    assert left.one(Profile).reason == "the run ended first"
    assert warnings(left) == ["double-batch: the run ended first"]


def test_a_worker_takes_commands_while_it_runs(tmp_path: Path) -> None:
    asked = (TakeProfile(steps=2), Try(experiment="double-batch", blocks=1, steps=2))
    worked = talk(start("train/digits", tmp_path, **TINY), *asked, forked=True)
    assert worked.done.outcome == "done"
    assert (tmp_path / worked.one(Profile).file).stat().st_size == worked.one(Profile).size_bytes
    assert [case for _, case, _ in course(worked) if case is not None] == ["plain", "double-batch"]
    assert {event.kind for event in worked.of(Event)} >= {"evaluation", "checkpoint"}
    assert worked.logged("stdout") + worked.logged("stderr") == []
