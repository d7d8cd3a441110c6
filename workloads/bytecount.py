"""Counts the bytes that operators read and write: the counterpart of torch's FlopCounterMode.

Every operator that runs is counted once, by the rules of `workloads.hook.operands`.

What is counted is what the operators ask for, not what the memory sees: no cache is known, so an
operand that is still in one counts again; an operator is one pass over its operands, so what it
reads twice or keeps for itself (a convolution's workspace) does not count, and operators that a
compiler fuses count as what they are once fused. Divided by the time it is a demand, and on a
device with large caches it can exceed what the DRAM delivers. For plain copies it is exact.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from workloads.hook.operands import moved


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
        read, written = moved(func._schema, args, kwargs, result, torch.Tensor)  # noqa: SLF001 - torch says it so alone
        self.read += read
        self.written += written
        return result
