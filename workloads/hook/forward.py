"""Top-level forwards, those of a module that no other module calls, and backwards.

`Module.__call__` has a stand-in that asks one thing more of a module within another: whether its thread is in a forward
already. Hooks of modules would cost every module far more, and would be seen by `torch.compile`.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable
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
    told = _telling(here)
    settle = here.guarded(here.settle)
    grad_enabled, tracing = torch.is_grad_enabled, torch._C._get_tracing_state
    tensor = torch.Tensor

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
        if result is None:
            here.clean()
        try:
            began, module, args, kwargs = at
            grad = grad_enabled()
            usual = loop.passed and loop.trains and loop.begun and loop.known is not None and loop.roots is None
            if grad and usual and loop.alternating is None:
                # `forward_done` in the middle of a training, without a call: see `Loop`.
                waited = loop.waiting_samples
                loop.forward_ns += clock() - began
                if loop.root is None:
                    loop.root = id(module)
                    named = loop.wait_ns + loop.waiting_ns + loop.h2d_ns + loop.sync_ns
                    named += loop.evaluation.ended_ns - loop.evaluation.began_ns
                    loop.between_ns = max(0, began - loop.last_ns - named)
                if not waited or kwargs:
                    samples, tokens = _size(args, kwargs, tensor)
                    if loop.root == id(module):
                        loop.forward_samples += samples
                        if tokens is not None:
                            loop.tokens = (loop.tokens or 0) + tokens
                if loop.waiting_since:
                    loop.wait_ns += loop.waiting_ns
                    loop.samples += waited
                    loop.waiting_ns = loop.waiting_samples = loop.waiting_since = 0
            else:
                told(at, grad)
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

    _backwards(here)


def _telling(here: Listening) -> Callable[[Any, bool], None]:
    """Tells of a forward whatever the script is."""
    torch, loop = here.torch, here.loop
    tensor, graph_module = torch.Tensor, torch.fx.GraphModule
    seen: set[type] = set()

    def tell(at: Any, grad: bool) -> None:
        began, module, args, kwargs = at
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

    return tell


def _backwards(here: Listening) -> None:
    loop, clock = here.loop, here.loop.clock

    def begins(*_: Any) -> Any:
        if not here.on:
            return None
        loop.in_backward += 1
        return clock()

    def done(at: int, result: Any) -> None:
        if here.tracebacks is not None:
            here.clean()
        try:
            if loop.boundary.ident is not None and not loop.stepped_in_backward:
                # `backward_done` in the middle of a training, without a call: see `Loop`.
                loop.in_backward -= 1
                loop.backward_ns += clock() - at
            else:
                loop.backward_done(at)
        except Exception as error:
            here.failed(error)

    here.patches.around(here.torch.autograd, "backward", begins, done, given="None")


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
