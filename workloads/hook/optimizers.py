"""Optimizer steps, by torch's own hooks for all optimizers; also those that a gradient scaler leaves out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening


def listen(here: Listening) -> None:
    """Hear of every step of every optimizer."""
    loop = here.loop
    module = sys.modules["torch.optim.optimizer"]  # torch.optim does not show it
    begins, done = loop.optimizer_begins, loop.optimizer_done

    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        try:
            begins(id(optimizer))
        except Exception as error:
            here.failed(error)

    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        try:
            done(id(optimizer))
        except Exception as error:
            here.failed(error)

    here.patches.also(module.register_optimizer_step_pre_hook(before).remove)
    here.patches.also(module.register_optimizer_step_post_hook(after).remove)

    def made(self: Any) -> None:
        loop.trains = True

    here.patches.around(module.Optimizer, "_patch_step_function", here.guarded(made), lambda *_: None)
