"""Experiments, profiles and knobs of runs in this process: what they show, and that they leave no trace in the run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.here import run_here
from tests.workloads.process import Talk, start
from workloads.catalog import find_workload
from workloads.entries.experiments import SETTINGS, offered, why_not
from workloads.entries.knobs import knobs_of, turned
from workloads.orders import Orders
from workloads.trying.trace import look_into
from workloads.wire.columns import unpack
from workloads.wire.commands import SetKnob, TakeProfile, Try
from workloads.wire.frames import Event, Log, Phase, Profile, RunStarted, Score, Steps, Value

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
    small = {"threads": 1, "batch": 4, "context": 16, "steps": 3, "warmup": 1}
    order = start("train/gpt", tmp_path, **small)
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
    }
    order = start("train/resnet", tmp_path, **small)
    plain = run_here(order)
    tried = run_here(order, asking(Try(experiment="resident-batch", blocks=1, steps=1)))
    assert [case for _, case, _ in course(tried) if case] == ["plain", "resident-batch"]
    assert tried.column("loss") == plain.column("loss")
    settled = [count for phase, case, count in course(tried) if phase == "experiment" and case is None]
    assert settled[0] >= 1 + 3, "what was ready beforehand is used up before a block counts"


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
    with pytest.raises(ValueError, match="probe/launch has no knob"):
        turned("batch", 1, launch, {}, device="cpu")
