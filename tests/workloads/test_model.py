"""The user's own model: sized, given inputs and served as it was asked for, or refused in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.workloads.archive import save_program
from tests.workloads.here import run_here
from tests.workloads.process import Talk, start
from workloads.wire.frames import Log, Phase, RunStarted, Value

WIDTH = 6


class Bag(torch.nn.Module):
    """Looks up tokens, adds a bias, and multiplies: both kinds of inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(10, WIDTH)
        self.linear = torch.nn.Linear(WIDTH, 3)

    def forward(self, tokens: torch.Tensor, *, bias: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"scores": self.linear(self.embedding(tokens) + bias)}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One program with two dynamic dimensions, and one whose sizes are fixed."""
    folder = tmp_path_factory.mktemp("programs")
    tokens, bias = torch.full((2, 5), 9), torch.ones(2, 1, WIDTH)
    batch, sequence = torch.export.Dim("batch", min=1, max=64), torch.export.Dim("sequence", min=2, max=32)
    dynamic = {"tokens": {0: batch, 1: sequence}, "bias": {0: batch}}
    for name, shapes in (("dynamic", dynamic), ("static", None)):
        save_program(folder / f"{name}.pt2", Bag(), tokens, kwargs={"bias": bias}, dynamic_shapes=shapes)
    return {name: str(folder / f"{name}.pt2") for name in ("dynamic", "static")}


def serve(path: str, **settings: Value) -> Talk:
    return run_here(start("infer/model", "", **{"steps": 4, "warmup": 1, "threads": 1, "path": path, **settings}))


def save(path: Path, *args: Any, **arrays: Any) -> str:
    np.savez(path, *args, **arrays)
    return str(path)


@pytest.mark.parametrize(
    ("given", "batch", "sequence"),
    [({}, 2, 5), ({"batch": 7}, 7, 5), ({"batch": 1, "sequence": 32}, 1, 32)],
)
def test_a_program_is_served_in_the_sizes_that_were_asked_for(
    programs: dict[str, str], given: dict[str, Value], batch: int, sequence: int
) -> None:
    served = serve(programs["dynamic"], **given)
    started = served.one(RunStarted)
    assert (started.parameters["batch"], started.parameters["sequence"]) == (batch, sequence)
    assert (started.unit, started.precision) == ("sample", "float32")
    assert started.flops_per_unit == 2 * sequence * WIDTH * 3
    assert started.bytes_per_unit
    assert served.column("samples") == [batch] * 4
    assert served.column("scheduled_ns") == served.column("sent_ns")
    assert all(before < after for before, after in zip(served.column("sent_ns"), served.column("done_ns"), strict=True))
    assert [phase.phase for phase in served.of(Phase)] == ["warmup", "measure", "cooldown"]
    assert not served.of(Log)


def test_every_client_has_one_request_out(programs: dict[str, str]) -> None:
    served = serve(programs["dynamic"], concurrency=3, steps=9)
    sent, done = served.column("sent_ns"), served.column("done_ns")
    outstanding = [sum(s <= at < d for s, d in zip(sent, done, strict=True)) for at in sent]
    assert len(sent) == 9
    assert max(outstanding) <= 3


def test_a_fixed_program_counts_calls_unless_its_batch_is_named(programs: dict[str, str]) -> None:
    assert set(serve(programs["static"]).column("samples")) == {1}
    named = serve(programs["static"], batch=2)
    assert set(named.column("samples")) == {2}
    assert named.one(RunStarted).flops_per_unit == 2 * 5 * WIDTH * 3


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("dynamic", {"batch": 65}, "batch=65: the program was exported for 1 to 64"),
        ("dynamic", {"sequence": 33}, "sequence=33: the program was exported for 2 to 32"),
        ("static", {"sequence": 5}, "no dynamic dimension for it; it takes tokens (2, 5), bias (2, 1, 6)"),
        ("static", {"batch": 3}, "batch=3: the program takes tokens (2, 5), bias (2, 1, 6), which is fixed"),
        ("dynamic", {"precision": "float16"}, "--set precision=model"),
        ("dynamic", {"graphs": True}, "graphs=true needs CUDA"),
        ("dynamic", {"inputs": "/no/such.npz"}, "inputs=/no/such.npz is not there"),
        ("/no/such.pt2", {}, "path=/no/such.pt2 is not there"),
        ("", {}, "path= is not there"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    programs: dict[str, str], name: str, settings: dict[str, Value], told: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        serve(programs.get(name, name), **settings)
    assert told in str(refusal.value)


TOKENS, BIAS = np.zeros((3, 4), np.int64), np.ones((3, 1, WIDTH), np.float32)


def test_inputs_of_the_users_own_say_the_sizes(programs: dict[str, str], tmp_path: Path) -> None:
    by_name = serve(programs["dynamic"], inputs=save(tmp_path / "by-name.npz", bias=BIAS, tokens=TOKENS))
    in_order = serve(programs["dynamic"], inputs=save(tmp_path / "in-order.npz", TOKENS, BIAS), batch=3)
    for served in (by_name, in_order):
        assert (served.one(RunStarted).parameters["batch"], served.one(RunStarted).parameters["sequence"]) == (3, 4)


@pytest.mark.parametrize(
    ("arrays", "settings", "told"),
    [
        ({"tokens": TOKENS}, {}, "lacks bias"),
        ({"tokens": TOKENS, "bias": BIAS, "x": BIAS}, {}, "holds tokens, bias, x; the model takes tokens, bias"),
        ({"tokens": TOKENS, "bias": BIAS.astype(np.float64)}, {}, "bias holds float64, the model takes float32"),
        ({"tokens": TOKENS, "bias": BIAS[0]}, {}, "bias is (1, 6), the model takes (3, 1, 6)"),
        ({"tokens": TOKENS, "bias": BIAS}, {"batch": 2}, "tokens is (3, 4), the model takes (2, 4)"),
        ({"tokens": np.array([{}], dtype=object), "bias": BIAS}, {}, "holds what is no array of numbers"),
        ({"tokens": np.full((3, 4), 99), "bias": BIAS}, {}, "the model fails: index out of range"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_in_one_line(
    programs: dict[str, str], tmp_path: Path, arrays: dict[str, Any], settings: dict[str, Value], told: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        serve(programs["dynamic"], inputs=save(tmp_path / "inputs.npz", **arrays), **settings)
    assert told in str(refusal.value)


def test_an_answer_that_is_no_number_is_a_warning(programs: dict[str, str], tmp_path: Path) -> None:
    inputs = save(tmp_path / "inputs.npz", TOKENS, BIAS * np.nan)
    (warning,) = serve(programs["dynamic"], inputs=inputs).of(Log)
    assert (warning.level, "holds NaN or infinity" in warning.text) == ("warning", True)


@pytest.mark.filterwarnings("ignore:The tensor attributes")
def test_operators_without_a_formula_leave_the_operations_uncounted(tmp_path: Path) -> None:
    served = serve(str(save_program(tmp_path / "lstm.pt2", torch.nn.LSTM(3, 2), torch.ones(2, 1, 3))))
    assert served.one(RunStarted).flops_per_unit is None
    assert served.one(RunStarted).bytes_per_unit
    assert "no formula for mkldnn_rnn_layer" in served.of(Log)[0].text


def folder_of(path: Path, *, config: str = "{}", weights: str = "model.safetensors") -> Path:
    (path / "config.json").write_text(config)
    (path / weights).write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("config", "weights", "told"),
    [
        ("{}", "pytorch_model.bin", "has pickled weights (pytorch_model.bin), which can run code"),
        ("{}", "notes.txt", "has no weights; needed is model.safetensors"),
        ("[]", "model.safetensors", "is no Hugging Face model folder"),
        ('{"attn_implementation": "somebody/kernel"}', "model.safetensors", "asks for a kernel from the Hub"),
    ],
)
def test_a_folder_with_code_or_without_a_model_is_refused(tmp_path: Path, config: str, weights: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"^path=[^\n]+$") as refusal:
        serve(str(folder_of(tmp_path, config=config, weights=weights)))
    assert told in str(refusal.value)


def test_without_transformers_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ValueError, match=r"pip install 'benchtop\[hf\]'"):
        serve(str(folder_of(tmp_path)))
