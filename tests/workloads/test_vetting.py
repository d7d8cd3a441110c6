"""A program of torch.export that would run code is refused in one line, and nothing of it runs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.workloads.archive import MODEL, WEIGHTS, edited, repacked, save_program
from tests.workloads.here import run_here
from tests.workloads.process import start
from workloads.infer.vetting import check_program, without_pickled_code
from workloads.wire.frames import RunStarted


class Net(torch.nn.Module):
    """Small, with a size that is a symbol, a weight and a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
        self.scale = torch.ones(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.linear(x) * self.scale
        return scores


class Payload:
    """Pickled, it makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.marker,)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shapes = {"x": {0: torch.export.Dim("batch", min=1, max=64)}}
    folder = tmp_path_factory.mktemp("vetting")
    return save_program(folder / "model.pt2", Net(), torch.ones(2, 4), dynamic_shapes=shapes)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


def pickled(marker: Path) -> bytes:
    buffer = io.BytesIO()
    torch.save(((Payload(marker),), {}), buffer)
    return buffer.getvalue()


def touches(marker: Path) -> str:
    return f"__import__('pathlib').Path({str(marker)!r}).touch()"


def node(model: Any) -> Any:
    return model["graph_module"]["graph"]["nodes"][0]


def set_size(model: Any, formula: str) -> None:
    model["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][0]["as_expr"]["expr_str"] = formula


def set_tree(model: Any, tree: object) -> None:
    model["graph_module"]["module_call_graph"][0]["signature"]["in_spec"] = json.dumps([1, tree])


def call_by_name(model: Any, marker: Path) -> None:
    text = {"name": "command", "arg": {"as_string": f"touch {marker}"}, "kind": 1}
    node(model).update(target="torch.os.system", inputs=[text])


WAYS: dict[str, Callable[[Path, Path], dict[str, bytes]]] = {
    "example inputs": lambda source, marker: {"data/sample_inputs/model.pt": pickled(marker)},
    "weights of an older kind": lambda source, marker: {"data/weights/model.pt": pickled(marker)},
    "a custom object": lambda source, marker: {"data/constants/custom_obj_0": pickled(marker)},
    "a compiled library": lambda source, marker: {"data/aotinductor/model/model.so": b"ELF"},
    "a second program": lambda source, marker: {"models/other.json": b"{}"},
    "a pickled weight": lambda source, marker: {
        "data/weights/weight_0": pickled(marker),
        **edited(source, WEIGHTS, lambda config: config["config"]["linear.weight"].update(use_pickle=True)),
    },
    "a size": lambda source, marker: edited(source, MODEL, lambda model: set_size(model, touches(marker))),
    "an attribute of a size": lambda source, marker: edited(
        source, MODEL, lambda model: set_size(model, "Symbol('s0').__class__")
    ),
    "an operator": lambda source, marker: edited(source, MODEL, lambda model: call_by_name(model, marker)),
    "an operator that opens files": lambda source, marker: edited(
        source, MODEL, lambda model: node(model).update(target="torch.ops.aten.from_file.default")
    ),
    "a name": lambda source, marker: edited(
        source, MODEL, lambda model: node(model).update(name=f"x = {touches(marker)}; y")
    ),
    "a module to import": lambda source, marker: edited(
        source,
        MODEL,
        lambda model: set_tree(
            model,
            {"type": "builtins.dict", "context": '{"__enum__": true, "fqn": "antigravity"}', "children_spec": []},
        ),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_would_run_code_is_refused_in_one_line(way: str, program: Path, marker: Path, tmp_path: Path) -> None:
    evil = repacked(program, tmp_path / "evil.pt2", WAYS[way](program, marker))
    with pytest.raises(ValueError, match=r"^path=[^\n]+ is refused, since loading it could run code: [^\n]+$"):
        run_here(start("infer/model", "", path=str(evil), threads=1))
    assert not marker.exists()


@pytest.mark.parametrize("way", ["example inputs", "a pickled weight", "a size"])
@pytest.mark.filterwarnings("ignore")
def test_torch_itself_would_have_run_it(way: str, program: Path, marker: Path, tmp_path: Path) -> None:
    evil = repacked(program, tmp_path / "evil.pt2", WAYS[way](program, marker))
    with pytest.raises(Exception):  # noqa: B017, PT011 - what it says is torch's affair
        torch.export.load(evil)
    assert marker.exists()


@pytest.mark.parametrize("way", ["example inputs", "a pickled weight"])
@pytest.mark.filterwarnings("ignore")
def test_pickles_are_held_back_a_second_time_while_torch_loads(
    way: str, program: Path, marker: Path, tmp_path: Path
) -> None:
    evil = repacked(program, tmp_path / "evil.pt2", WAYS[way](program, marker))
    with pytest.raises(Exception), without_pickled_code():  # noqa: B017, PT011
        torch.export.load(evil)
    assert not marker.exists()


def test_the_same_archive_put_together_again_is_fine(program: Path, tmp_path: Path) -> None:
    same = repacked(program, tmp_path / "same.pt2", {"extra/notes.txt": b"any"})
    assert run_here(start("infer/model", "", path=str(same), steps=1, threads=1)).one(RunStarted)


@pytest.mark.parametrize("content", [None, b"", b"text", {"weights": 1}], ids=str)
def test_what_is_no_program_is_said_in_one_line(content: object, tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ValueError, match=r"^path=[^\n]+ is (not there|no program)[^\n]*$"):
        check_program(path)
