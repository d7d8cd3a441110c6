"""Methods of tensors that are heard stay, for all who look, what they were: tensors of one type stand in for CUDA's."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode, get_overridable_functions, is_tensor_method_or_property
from torch.utils._python_dispatch import TorchDispatchMode

from tests.workloads.hook.kept import Kept
from workloads.hook import compiling, copies
from workloads.hook.arming import disarm
from workloads.hook.copies import READS
from workloads.hook.listening import Listening

METHODS = (*READS, "to", "cpu", "cuda", "copy_")
BEFORE = {name: getattr(torch.Tensor, name) for name in METHODS}
DEVICE = torch.float64


class Plain(torch.Tensor):
    """A subclass that changes nothing."""


class Seeing(torch.Tensor):
    """A subclass that knows functions by what they are."""

    known = {torch.Tensor.item: "item", torch.Tensor.to: "to", torch.Tensor.copy_: "copy_"}  # noqa: RUF012
    seen: list[Any] = []  # noqa: RUF012

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        cls.seen.append(cls.known.get(func, func))
        return super().__torch_function__(func, types, args, kwargs or {})  # type: ignore[no-untyped-call]


class Functions(TorchFunctionMode):
    """A mode that keeps what is called."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(func)
        return func(*args, **(kwargs or {}))


class Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The same for operators."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.fixture
def here() -> Iterator[Any]:
    """Listening to copies and reads of this process."""
    listening = Listening(torch)
    listening.line = Kept()  # type: ignore[assignment]
    copies.listen(listening, on_device=lambda tensor: tensor.dtype is DEVICE)
    assert all(name in vars(torch.Tensor) for name in METHODS)
    yield listening
    assert listening.on
    listening.patches.back()
    disarm()
    assert not any(name in vars(torch.Tensor) for name in METHODS)


def test_what_is_heard_is_counted(here: Any) -> None:
    host, loop = torch.ones(10), here.loop
    device = host.to(DEVICE)
    assert (loop.h2d_bytes, loop.pageable_bytes, loop.syncs) == (40, 40, 0)
    assert float(device[0]) == device[0].item() == 1.0
    assert bool(device[0])
    assert device.tolist() == [1.0] * 10
    assert device.nonzero().shape == (10, 1)
    assert loop.syncs == 5
    device.to(torch.float32)
    host.copy_(device)
    host.copy_(device, non_blocking=True)
    device.copy_(host)
    assert (loop.h2d_bytes, loop.syncs) == (80, 7)
    nn.Linear(4, 4).to(DEVICE)
    assert loop.h2d_bytes == 160
    assert loop.sync_ns > 0 < loop.h2d_ns
    host.sum().item(), host.int().tolist(), device.to(torch.float64), Plain(2).to(DEVICE)
    assert (loop.h2d_bytes, loop.syncs) == (160, 7)


def test_methods_are_what_they_were(here: Any) -> None:
    for name, method in BEFORE.items():
        assert getattr(torch.Tensor, name) is method
        assert getattr(nn.Parameter, name) is method
        static = inspect.getattr_static(torch.Tensor, name)
        assert static == method == static
        assert {static: 1}[method] == 1
        assert static.__name__ == method.__name__
        assert pickle.loads(pickle.dumps(static)) is method
        assert is_tensor_method_or_property(getattr(torch.Tensor, name))
        assert getattr(Plain(2), name).__self__ is not None
        assert type(getattr(Plain(2), name)) is type(getattr(torch.ones(1), "abs"))  # noqa: B009
    assert set(BEFORE.values()) <= {*get_overridable_functions()[torch.Tensor]} | {torch.Tensor.__index__}
    tensor = torch.ones(1, dtype=DEVICE)
    again = pickle.loads(pickle.dumps(tensor.item))
    assert again() == 1.0
    assert tensor.item == tensor.item


def test_lazy_modules_subclasses_and_copies(here: Any) -> None:
    model = nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d()).to(DEVICE)
    model.cpu()
    model(torch.ones(4, 5, dtype=DEVICE))
    again = copy.deepcopy(model)
    assert all(map(torch.equal, again.parameters(), model.parameters()))
    Seeing.seen.clear()
    seeing = torch.ones(1).as_subclass(Seeing)
    Seeing.seen.clear()
    seeing.to(DEVICE)
    seeing.item()
    torch.ones(1, dtype=DEVICE).copy_(seeing)
    assert Seeing.seen == ["to", "item", "copy_"]


def test_modes_see_what_the_script_does_and_no_more(here: Any) -> None:
    device = torch.ones(1, dtype=DEVICE)
    with Functions() as functions:
        device.item()
        torch.ones(1).to(DEVICE)
        device.copy_(device)
    assert functions.seen == [BEFORE["item"], torch.ones, BEFORE["to"], BEFORE["copy_"]]
    assert (here.loop.syncs, here.loop.h2d_bytes) == (1, 4)
    with Operators() as operators:
        torch.ones(1).to(DEVICE)
    assert operators.seen == ["aten.ones.default", "aten._to_copy.default"]
    assert here.loop.h2d_bytes == 8
    with torch.device("cpu"):
        device.item()
    assert here.loop.syncs == 2


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_transforms_and_traces(here: Any) -> None:
    rows = torch.ones(3, 2)
    assert torch.func.vmap(lambda row: row.to(DEVICE).sum())(rows).tolist() == [2.0] * 3
    assert torch.func.grad(lambda row: row.to(DEVICE).sum())(rows).sum() == 6
    with pytest.raises(RuntimeError, match="vmap"):
        torch.func.vmap(lambda row: row.to(DEVICE).sum().item())(rows)

    def function(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(torch.float64) * 2

    def traced() -> list[str]:
        graph: Any = torch.jit.trace(function, rows).graph  # type: ignore[no-untyped-call]
        return [node.kind() for node in graph.nodes()]

    heard = traced()
    fx = torch.fx.symbolic_trace(function)
    here.methods.aside()
    assert heard == traced()
    here.methods.again()
    assert fx(rows).dtype is DEVICE
    assert torch.jit.script(function)(rows).dtype is DEVICE


def test_compiled_code_is_the_same(here: Any) -> None:
    torch._dynamo.reset()
    graphs: list[Any] = []

    def backend(graph: Any, _: Any) -> Any:
        graphs.append(str(graph.graph))
        return graph

    class Doubling(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = func(*args, **(kwargs or {}))
            return result * 2 if func is torch.Tensor.to else result

    def function(tensor: torch.Tensor) -> torch.Tensor:
        with Doubling():
            return tensor.to(torch.float64) + tensor.sum().to(torch.float64)

    compiling.listen(here)
    assert torch.compile(function, backend=backend, fullgraph=True)(torch.ones(3)).tolist() == [8.0] * 3
    subclass = torch.ones(3).as_subclass(Seeing)
    torch.compile(lambda tensor: tensor.to(torch.float64), backend=backend)(subclass)
    assert "to" in vars(torch.Tensor)
    heard, graphs[:] = graphs[:], []
    here.patches.back()
    torch._dynamo.reset()
    torch.compile(function, backend=backend, fullgraph=True)(torch.ones(3))
    torch.compile(lambda tensor: tensor.to(torch.float64), backend=backend)(subclass)
    assert graphs == heard
