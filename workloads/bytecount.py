"""Counts the bytes that operators read and write: the counterpart of torch's FlopCounterMode.

Every operator that runs is counted once: each tensor it takes is read whole, each tensor it makes or
changes is written whole. A tensor that is changed in place is both; one that is only overwritten
(`out=`, `copy_`, `zero_`) is written. Views and allocations cost nothing, and an expanded dimension
is one row of memory.

What is counted is what the operators ask for, not what the memory sees: no cache is known, so an
operand that is still in one counts again; an operator is one pass over its operands, so what it
reads twice or keeps for itself (a convolution's workspace) does not count, and operators that a
compiler fuses count as what they are once fused. Divided by the time it is a demand, and on a
device with large caches it can exceed what the DRAM delivers. For plain copies it is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_FREE: Final = frozenset(
    (
        *("aten::empty", "aten::empty_like", "aten::empty_strided", "aten::new_empty"),
        *("aten::_unsafe_view", "aten::detach", "prim::device"),
    )
)
"""Operators that touch no data although their schema does not say so."""
_OVERWRITING: Final = frozenset(
    ("aten::copy_", "aten::zero_", "aten::fill_", "aten::normal_", "aten::uniform_", "aten::random_")
)
"""In-place operators that do not read what they change."""


class ByteCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A context: `read` and `written` are the bytes of the operators that ran in it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.read = 0
        self.written = 0

    @property
    def total(self) -> int:
        """Read plus written."""
        return self.read + self.written

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operator and count it."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func._schema.name not in _FREE:  # noqa: SLF001 - the schema is how torch says what an operator changes
            self._count(func._schema, args, kwargs, result)  # noqa: SLF001
        return result

    def _count(self, schema: Any, args: Any, kwargs: Any, result: Any) -> None:
        for argument, value in _named(schema, args, kwargs):
            size = sum(map(tensor_bytes, _tensors(value)))
            changed = argument.alias_info is not None and argument.alias_info.is_write
            overwritten = changed and (argument.is_out or schema.name in _OVERWRITING)
            self.read += 0 if overwritten or _only_viewed(schema) else size
            self.written += size if changed else 0
        for returned, value in zip(schema.returns, _as_tuple(result, schema), strict=False):
            if returned.alias_info is None:
                self.written += sum(map(tensor_bytes, _tensors(value)))


def tensor_bytes(tensor: torch.Tensor) -> int:
    """Bytes of memory behind a tensor's items; an expanded dimension is counted as one."""
    items = 1
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        items *= size if stride or size == 0 else 1
    return items * tensor.element_size()


def _only_viewed(schema: Any) -> bool:
    """Whether every result is another look at an argument, unchanged."""
    infos = [returned.alias_info for returned in schema.returns]
    return bool(infos) and all(info is not None and not info.is_write for info in infos)


def _named(schema: Any, args: Any, kwargs: Any) -> Iterator[tuple[Any, Any]]:
    for place, argument in enumerate(schema.arguments):
        if place < len(args):
            yield argument, args[place]
        elif argument.name in kwargs:
            yield argument, kwargs[argument.name]


def _as_tuple(result: Any, schema: Any) -> tuple[Any, ...]:
    return result if len(schema.returns) > 1 else (result,)


def _tensors(value: Any) -> Iterable[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return (value,)
    if isinstance(value, list | tuple):
        return (item for item in value if isinstance(item, torch.Tensor))
    return ()
