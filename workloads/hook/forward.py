"""Top-level forwards, those of a module that no other module calls, and backwards.

`Module.__call__` has a stand-in that asks one thing more of a module within another: whether its thread is in a forward
already. Hooks of modules would cost every module far more, and would be seen by `torch.compile`.
"""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING, Any

from .generating import find

if TYPE_CHECKING:
    from .listening import Listening


class Where(_thread._local):
    """Of each thread: whether it is in a forward."""

    inside = False


def listen(here: Listening) -> None:
    """Hear of every top-level forward and of every backward."""
    torch, loop = here.torch, here.loop
    clock, where = loop.clock, Where()
    here.where = where
    seen: set[type] = set()
    settle = here.guarded(here.settle)
    grad_enabled, tracing = torch.is_grad_enabled, torch._C._get_tracing_state
    tensor, graph_module = torch.Tensor, torch.fx.GraphModule

    def enter(module: Any, args: Any, kwargs: Any) -> Any:
        # Without `unless` (see `around`) it is called for modules within others too.
        if where.inside or loop.loading or not here.on or tracing() is not None:
            return None
        if loop.at_end is not None and loop.evaluates(grad_enabled()):
            settle()
        where.inside = True
        began = clock()
        if loop.ends is not None and loop.line.inference and loop.generation is None:
            loop.ends.begins(began)
        return (began, module, args, kwargs)

    def leave(at: Any, result: Any) -> None:
        where.inside = False
        try:
            began, module, args, kwargs = at
            grad = grad_enabled()
            if not grad:
                if loop.trains and isinstance(module, graph_module):
                    return  # compiled code of something else, such as an optimizer
                if type(module) not in seen:
                    seen.add(type(module))
                    find(here, module, began)
            if loop.roots is not None:
                loop.roots[id(module)] = module
            if loop.known is None:
                loop.meet(next(module.parameters(), None))
            # Where batches come from a DataLoader, they say how large they are.
            samples, tokens = (0, None) if loop.waiting_samples and not kwargs else _size(args, kwargs, tensor)
            loop.forward_done(began, id(module), samples, tokens, grad)
        except Exception as error:
            here.failed(error)

    here.patches.around(
        torch.nn.Module,
        "__call__",
        enter,
        leave,
        unless="_benchtop_where.inside",
        given="self, args, kwargs",
        _benchtop_where=where,
    )

    backward_done = loop.backward_done

    def begins(*_: Any) -> Any:
        if not here.on:
            return None
        loop.in_backward += 1
        return clock()

    def done(at: int, result: Any) -> None:
        try:
            backward_done(at)
        except Exception as error:
            here.failed(error)

    here.patches.around(torch.autograd, "backward", begins, done, given="None")


def _size(args: tuple[Any, ...], kwargs: dict[str, Any], tensor: Any) -> tuple[int, int | None]:
    """Samples (the first dimension of the first tensor) and tokens (of `input_ids`) that a forward is given."""
    for value in args:
        if isinstance(value, tensor):
            return (value.shape[0] if value.dim() else 1), None
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], tensor) and value[0].dim():
            return value[0].shape[0], None
    ids = kwargs.get("input_ids") if kwargs else None
    if isinstance(ids, tensor) and ids.dim() == 2:
        return ids.shape[0], ids.numel()
    for value in kwargs.values():
        if isinstance(value, tensor):
            return (value.shape[0] if value.dim() else 1), None
    return 1, None
