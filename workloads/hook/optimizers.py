"""Optimizer steps, by torch's own hooks for all optimizers; also those that a gradient scaler leaves out."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening
    from .loop import Loop

FIRST = 5
"""Steps in which it is looked where the model is: it may be tried on the host before it is moved."""


def listen(here: Listening) -> None:
    """Hear of every step of every optimizer."""
    loop = here.loop
    module = sys.modules["torch.optim.optimizer"]  # torch.optim does not show it
    clock, close = loop.clock, loop.close
    compiling = here.torch.compiler.is_dynamo_compiling

    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        if compiling():
            return  # torch.compile must find nothing here that it cannot compile
        try:
            if loop.steps < FIRST:
                loop.meet(next((each for group in optimizer.param_groups for each in group["params"]), None))
            if loop.stepping is None and loop.begun:
                # `optimizer_begins`, without a call: see `Loop`.
                loop.stepping, loop.within = id(optimizer), 0
                loop.inner_ns = loop.forward_ns + loop.backward_ns
                loop.began_ns = clock()
            else:
                loop.optimizer_begins(id(optimizer))
        except Exception as error:
            here.failed(error)

    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        if compiling():
            return
        try:
            ident = id(optimizer)
            if ident == loop.boundary.ident == loop.stepping and not loop.in_backward and loop.capturing is None:
                # `optimizer_done` of the one that ends a step, without a call: see `Loop`.
                now = clock()
                loop.stepping = None
                loop.updates += 1
                loop.optimizer_ns += now - loop.began_ns - loop.forward_ns - loop.backward_ns + loop.inner_ns
                loop.boundary.since = 0
                close(now)
            else:
                loop.optimizer_done(ident)
        except Exception as error:
            here.failed(error)

    here.patches.also(module.register_optimizer_step_pre_hook(before).remove)
    here.patches.also(module.register_optimizer_step_post_hook(after).remove)

    def made(optimizer: Any) -> None:
        loop.trains = True
        here.optimizers.add(optimizer)

    here.patches.around(module.Optimizer, "_patch_step_function", here.guarded(made), _nothing)
    loop.version = _version(here)
    scaler = sys.modules.get("torch.amp.grad_scaler")
    if scaler is not None:
        here.patches.around(scaler.GradScaler, "step", here.guarded(_scaled(loop)), here.guarded(_stepped(loop)))


def _version(here: Listening) -> Any:
    """Tells how often the first of the weights was changed so far: torch counts what is written into a tensor."""
    found: list[Any] = []

    def version() -> int | None:
        parameter = found[0]() if found else None
        if parameter is None:
            groups = (group for optimizer in list(here.optimizers) for group in optimizer.param_groups)
            parameter = next((each for group in groups for each in group["params"] if each.grad is not None), None)
            if parameter is None:
                return None
            found[:] = [weakref.ref(parameter)]
        return int(parameter._version)

    return version


def _nothing(*_: Any) -> None:
    pass


def _scaled(loop: Loop) -> Any:
    def enter(scaler: Any, optimizer: Any, *_: Any, **__: Any) -> tuple[int, int, int]:
        return loop.clock(), id(optimizer), loop.updates

    return enter


def _stepped(loop: Loop) -> Any:
    def leave(at: tuple[int, int, int], _: Any) -> None:
        began, ident, updates = at
        if loop.updates == updates:
            loop.optimizer_skipped(began, ident)

    return leave
