"""Optimizer steps, by torch's own hooks for all optimizers; also those that a gradient scaler leaves out."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

FIRST = 5
"""Steps in which it is looked where the model is: it may be tried on the host before it is moved."""


def listen(here: Listening) -> None:
    """Hear of every step of every optimizer."""
    loop = here.loop
    module = sys.modules["torch.optim.optimizer"]  # torch.optim does not show it
    notes, clock, begins, done = here.notes, loop.clock, loop.optimizer_begins, loop.optimizer_done
    compiling = here.torch.compiler.is_dynamo_compiling
    note, catch_up = notes.add, here.catch_up

    def look(optimizer: Any) -> None:
        if loop.steps < FIRST:
            loop.meet(next((each for group in optimizer.param_groups for each in group["params"]), None))

    meet = here.guarded(look)

    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        if compiling():
            return  # torch.compile must find nothing here that it cannot compile
        if notes.prompt:
            meet(optimizer)
        note((begins, id(optimizer), clock()))

    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        if compiling():
            return
        note((done, id(optimizer), clock()))
        notes.fed = False
        if notes.prompt or loop.ends is not None:
            catch_up()

    here.patches.also(module.register_optimizer_step_pre_hook(before).remove)
    here.patches.also(module.register_optimizer_step_post_hook(after).remove)

    def made(optimizer: Any) -> None:
        notes.catch_up()
        loop.trains = True
        here.optimizers.add(optimizer)

    here.patches.around(module.Optimizer, "_patch_step_function", here.guarded(made), _nothing)
    loop.version = _version(here)
    scaler = sys.modules.get("torch.amp.grad_scaler")
    if scaler is not None:

        def enter(scaler: Any, optimizer: Any, *_: Any, **__: Any) -> int:
            note((loop.scaler_begins, clock()))
            return id(optimizer)

        def leave(ident: int, _: Any) -> None:
            note((loop.scaler_done, ident, clock()))
            if notes.prompt or loop.ends is not None:
                notes.catch_up()

        here.patches.around(scaler.GradScaler, "step", here.guarded(enter), here.guarded(leave))


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
