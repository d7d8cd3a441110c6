"""A program saved by torch.export: loaded without running anything of the file's, sized, and given inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, TensorArgument
from torch.utils import _pytree as pytree

from workloads.infer.inputs import Input, read_arrays
from workloads.infer.loaded import Loaded, precision_of
from workloads.infer.vetting import check_program, without_pickled_code
from workloads.run import Run

NAMED: Final = ("batch", "sequence")
"""Parameters that say how large a dynamic dimension is: the one that stands first in a tensor, and the next."""


def load_exported(path: Path, run: Run) -> Loaded:
    """The program on the run's device, with its inputs. Raises ValueError, one line."""
    if run.text("precision") != "model":
        raise ValueError(f"path={path} is an exported program, which has its precision: --set precision=model")
    check_program(path)
    program = _on_device(_read(path), path, run.device)
    inputs = _Inputs(program)
    arrays = read_arrays(Path(run.text("inputs")), inputs.names) if run.text("inputs") else {}
    sizes = inputs.sizes({name: run.integer(name) for name in NAMED}, arrays)
    tensors = _tensors(inputs.resolved(sizes), arrays, run)
    args, kwargs = inputs.arguments([tensor.to(run.device) for tensor in tensors])
    return Loaded(
        module=program.module(check_guards=False),
        args=args,
        kwargs=kwargs,
        items=inputs.items(sizes, run.integer("batch")),
        precision=precision_of([*program.state_dict.values(), *tensors]),
        sizes={name: sizes[symbol] for name, symbol in inputs.named.items()},
    )


def _read(path: Path) -> ExportedProgram:
    try:
        with without_pickled_code():
            return torch.export.load(path)
    except (RuntimeError, AssertionError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"path={path} cannot be loaded by torch {torch.__version__}; the log says why") from error


def _on_device(program: ExportedProgram, path: Path, device: torch.device) -> ExportedProgram:
    """The program moved to the device, if any of it is elsewhere: tensors are made where it was exported."""
    if all(_same(tensor.device, device) for tensor in _metas(program)):
        return program
    try:
        from torch.export.passes import move_to_device_pass  # noqa: PLC0415 - torch has it since 2.8
    except ImportError as error:
        raise ValueError(f"path={path} was exported for another device: export it on {device.type}") from error
    return move_to_device_pass(program, device)


def _metas(program: ExportedProgram) -> Iterable[torch.Tensor]:
    """Every tensor of the graph as torch imagines it; subgraphs too."""
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                yield from (leaf for leaf in pytree.tree_leaves(node.meta.get("val")) if isinstance(leaf, torch.Tensor))


def _same(one: torch.device, other: torch.device) -> bool:
    return one.type == other.type and (one.index or 0) == (other.index or 0)


def _tensors(wanted: list[Input], arrays: Mapping[str, torch.Tensor], run: Run) -> list[torch.Tensor]:
    missing = [each.name for each in wanted if each.name not in arrays]
    if arrays and missing:
        raise ValueError(f"inputs={run.text('inputs')} lacks {', '.join(missing)}")
    if arrays:
        return [each.check(arrays[each.name], Path(run.text("inputs"))) for each in wanted]
    generator = torch.Generator().manual_seed(run.order.seed)
    return [each.made_up(generator) for each in wanted]


class _Inputs:
    """What a program takes: tensors, whose sizes are numbers or formulas of symbols, and constants."""

    def __init__(self, program: ExportedProgram) -> None:
        nodes = {node.name: node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"}
        self._in_spec = program.call_spec.in_spec
        self._ranges = program.range_constraints
        specs = [spec.arg for spec in program.graph_signature.input_specs if spec.kind is InputKind.USER_INPUT]
        self._places = [nodes[spec.name] if isinstance(spec, TensorArgument) else _constant(spec) for spec in specs]
        self.names = [spec.name for spec in specs if isinstance(spec, TensorArgument)]
        self._metas = [nodes[name] for name in self.names]
        self._shapes = [tuple(getattr(size, "node", _Plain(size)).expr for size in meta.shape) for meta in self._metas]
        self._examples = dict(zip(self.names, _examples(program, len(specs), self._metas), strict=True))
        self.symbols = list(dict.fromkeys(symbol for shape in self._shapes for size in shape for symbol in _free(size)))
        leading = [symbol for shape in self._shapes for symbol in _free(*shape[:1])][:1]
        others = [symbol for symbol in self.symbols if symbol not in leading][:1]
        self.named = {**dict(zip(("batch",), leading, strict=False)), **dict(zip(("sequence",), others, strict=False))}

    def sizes(self, wanted: Mapping[str, int], arrays: Mapping[str, torch.Tensor]) -> dict[Any, int]:
        """Symbol → size: as a parameter says, else as an array of the user's has it, else as it was exported.

        Raises ValueError where the program allows another range, or has no dimension of that name.
        """
        sizes = {symbol: self._exported(symbol) for symbol in self.symbols}
        for name, shape in zip(self.names, self._shapes, strict=True):
            if name in arrays and len(shape) == arrays[name].ndim:
                sizes |= {size: given for size, given in zip(shape, arrays[name].shape, strict=True) if size in sizes}
        for name, value in wanted.items():
            if value and name in self.named:
                sizes[self.named[name]] = value
            elif value and name != "batch":
                raise ValueError(
                    f"{name}={value}: the program has no dynamic dimension for it; it takes {self._described}"
                )
        self._check_ranges(sizes)
        return sizes

    def resolved(self, sizes: Mapping[Any, int]) -> list[Input]:
        """The tensors with numbers for sizes."""
        return [
            Input(name, meta.dtype, tuple(_size(size, sizes) for size in shape), self._examples[name])
            for name, meta, shape in zip(self.names, self._metas, self._shapes, strict=True)
        ]

    def items(self, sizes: Mapping[Any, int], batch: int) -> int:
        """Units a call: the first dynamic dimension; without one, `batch` if every tensor has it first, else 1."""
        if "batch" in self.named:
            return sizes[self.named["batch"]]
        if batch and {shape[:1] for shape in self._shapes} != {(batch,)}:
            raise ValueError(f"batch={batch}: the program takes {self._described}, which is fixed")
        return batch or 1

    def arguments(self, tensors: Iterable[torch.Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and named arguments of a call."""
        rest = iter(tensors)
        flat = [next(rest) if isinstance(place, torch.Tensor) else place for place in self._places]
        args, kwargs = pytree.tree_unflatten(flat, self._in_spec)
        return tuple(args), dict(kwargs)

    @property
    def _described(self) -> str:
        """`x (batch, 8)`."""
        called = {symbol: name for name, symbol in self.named.items()}
        shapes = [f"({', '.join(str(called.get(size, size)) for size in shape)})" for shape in self._shapes]
        return ", ".join(f"{name} {shape}" for name, shape in zip(self.names, shapes, strict=True)) or "no tensor"

    def _check_ranges(self, sizes: Mapping[Any, int]) -> None:
        names = {symbol: name for name, symbol in self.named.items()}
        for symbol, size in sizes.items():
            allowed = self._ranges.get(symbol)
            if allowed is not None and not allowed.lower <= size <= allowed.upper:
                most = f"to {allowed.upper}" if allowed.upper < 2**62 else "or more"
                raise ValueError(
                    f"{names.get(symbol, symbol)}={size}: the program was exported for {allowed.lower} {most}"
                )

    def _exported(self, symbol: Any) -> int:
        for meta, shape in zip(self._metas, self._shapes, strict=True):
            for size, formula in zip(meta.shape, shape, strict=True):
                if formula == symbol and size.node.hint is not None:
                    return int(size.node.hint)
        return max(1, int(self._ranges[symbol].lower)) if symbol in self._ranges else 1


class _Plain:
    """A size that is a number, looked at like a symbolic one."""

    def __init__(self, size: int) -> None:
        self.expr = size


def _free(size: Any = None) -> list[Any]:
    return sorted(getattr(size, "free_symbols", ()), key=str)


def _size(formula: Any, sizes: Mapping[Any, int]) -> int:
    return formula if isinstance(formula, int) else int(formula.subs(sizes))


def _constant(spec: Any) -> Any:
    if not hasattr(spec, "value"):
        raise ValueError("the program takes a number that may vary as an input of its own: export it with tensors only")
    return spec.value


def _examples(program: ExportedProgram, count: int, metas: list[Any]) -> list[torch.Tensor | None]:
    """The tensors that the program was exported with, in the order of its inputs; None where the file has none."""
    args, kwargs = program.example_inputs or ((), {})
    leaves = pytree.tree_leaves((args, kwargs))
    tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
    alike = len(leaves) == count and [each.dtype for each in tensors] == [each.dtype for each in metas]
    return list(tensors) if alike else [None] * len(metas)
