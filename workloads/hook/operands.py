"""The bytes that one operator reads and writes, by its schema and by what it was given. Imports no torch.

Each tensor that it takes is read whole, each that it makes or changes is written whole. A tensor that is changed in
place is both; one that is only overwritten (`out=`, `copy_`, `zero_`) is written. Views and allocations cost nothing,
and an expanded dimension is one row of memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

FREE = frozenset(
    (
        *("aten::empty", "aten::empty_like", "aten::empty_strided", "aten::new_empty"),
        *("aten::_unsafe_view", "aten::detach", "prim::device"),
    )
)
"""Operators that touch no data although their schema does not say so."""
OVERWRITING = frozenset(
    ("aten::copy_", "aten::zero_", "aten::fill_", "aten::normal_", "aten::uniform_", "aten::random_")
)
"""In-place operators that do not read what they change."""


def moved(schema: Any, args: Any, kwargs: Any, result: Any, tensor: type) -> tuple[int, int]:
    """Bytes read, bytes written by a call of an operator of that schema; `tensor` is torch's class."""
    if schema.name in FREE:
        return 0, 0
    read = written = 0
    viewed = _only_viewed(schema)
    for argument, value in _named(schema, args, kwargs):
        size = sum(map(tensor_bytes, _tensors(value, tensor)))
        changed = argument.alias_info is not None and argument.alias_info.is_write
        overwritten = changed and (argument.is_out or schema.name in OVERWRITING)
        read += 0 if overwritten or viewed else size
        written += size if changed else 0
    for returned, value in zip(schema.returns, result if len(schema.returns) > 1 else (result,)):
        if returned.alias_info is None:
            written += sum(map(tensor_bytes, _tensors(value, tensor)))
    return read, written


def tensor_bytes(tensor: Any) -> int:
    """Bytes of memory behind a tensor's items; an expanded dimension is counted as one."""
    items = 1
    for size, stride in zip(tensor.shape, tensor.stride()):
        items *= size if stride or size == 0 else 1
    return int(items * tensor.element_size())


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


def _tensors(value: Any, tensor: type) -> Iterable[Any]:
    if isinstance(value, tensor):
        return (value,)
    if isinstance(value, (list, tuple)):
        return (item for item in value if isinstance(item, tensor))
    return ()
