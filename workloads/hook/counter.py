"""A mode of torch that sees every operator, and counts them, their floating-point operations and their bytes.

What a script starts without an operator of torch's (its own kernels) nobody sees. A mode is a part of the state that
autograd takes along to its threads, so the operators of a backward are seen wherever they run.
"""

from __future__ import annotations

from typing import Any

from .flops import formula, is_unknown
from .operands import moved
from .tracebacks import Tracebacks

SILENT = ("profiler", "prim")
"""Namespaces of operators that do nothing."""
HARMLESS = ("aten", "c10d", "_c10d_functional", "prims", "torchvision")
"""Namespaces of operators that do no arithmetic to speak of, or whose names say so."""


class _Known:
    """What is known of one operator."""

    __slots__ = ("formula", "made_of_others", "silent", "unknown")

    def __init__(self, c: Any, func: Any) -> None:
        space, _, name = func._schema.name.partition("::")
        self.formula = formula(name) if space == "aten" else None
        self.silent = space in SILENT
        self.unknown = space not in (*HARMLESS, *SILENT) or (space == "aten" and is_unknown(name))
        whole, has = func.name(), c._dispatch_has_kernel_for_dispatch_key
        # Where a device has a kernel of its own, that is what runs, and not what it is made of.
        own = any(has(whole, key) for key in ("CPU", "CUDA", "CompositeExplicitAutograd"))
        self.made_of_others = not own and has(whole, "CompositeImplicitAutograd")


def counter(torch: Any) -> Any:
    """A new mode, not on yet. Raises whatever a version of torch that is too different raises."""
    from torch.utils._python_dispatch import TorchDispatchMode

    c, tensor = torch._C, torch.Tensor
    parts = c.DispatchKey.CompositeImplicitAutograd
    higher = torch._ops.HigherOrderOperator
    known: dict[Any, _Known] = {}

    class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
        """Runs every operator as it would have run."""

        supports_higher_order_operators = True

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.operators = self.bytes = 0
            self.flops: dict[Any, int] = {}
            """Type of the numbers → operations."""
            self.unknown = False
            """Something was met whose FLOPs nobody knows."""
            self.failed = False
            self.over = False
            """Nothing is counted any more."""
            self.tracebacks = Tracebacks(type(self).__torch_dispatch__.__code__)

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # else torch puts a wrapper around what is below, and imports its compiler for it

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            try:
                if isinstance(func, higher):
                    return func(*args, **kwargs)
                if self.over:
                    return func._op(*args, **kwargs)
                about = known.get(func)
                if about is None:
                    about = known[func] = _Known(c, func)
                if about.made_of_others:
                    # In inference mode such an operator comes here whole: as torch would, take it apart.
                    with self:
                        return func._op_dk(parts, *args, **kwargs)
                result = func._op(*args, **kwargs)
            except BaseException:
                self.failed = True  # such a step is none like the others
                self.tracebacks.passed()
                raise
            if not about.silent:
                try:
                    self._count(func._schema, about, args, kwargs, result)
                except Exception:  # the script must not see it
                    self.failed = True
            return result

        def _count(self, schema: Any, about: _Known, args: Any, kwargs: Any, result: Any) -> None:
            self.operators += 1
            self.bytes += sum(moved(schema, args, kwargs, result, tensor))
            if about.unknown:
                self.unknown = True
            elif about.formula is not None:
                kind = args[0].dtype
                self.flops[kind] = self.flops.get(kind, 0) + about.formula(*args, **kwargs, result=result)

    return Counter()
