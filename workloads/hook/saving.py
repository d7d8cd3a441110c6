"""Checkpoint writes: `torch.save`, and `safetensors.torch.save_file` where the script has that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .arming import when_imported

if TYPE_CHECKING:
    from .listening import Listening

LONG_NS = 1_000_000


def listen(here: Listening) -> None:
    """Hear of every file that is written."""
    loop, clock = here.loop, here.loop.clock

    def begins(data: Any, file: Any, *_: Any, **__: Any) -> Any:
        if not here.on:
            return None
        if loop.at_end is not None:
            here.settle()
        return (clock(), file)

    def written(at: Any, _: Any) -> None:
        began, file = at
        took = clock() - began
        text = type(file).__name__
        if text == "BytesIO" and took < LONG_NS:
            return  # a copy within the program, as torch makes them itself
        if isinstance(file, (str, os.PathLike)):
            text = str(os.path.basename(file))  # noqa: PTH119 (a path may be of any kind)
            if os.path.exists(file):  # noqa: PTH110
                text += f", {os.path.getsize(file)} bytes"  # noqa: PTH202
        loop.event("checkpoint", began, took, text)

    careful, enter = here.guarded(written), here.guarded(begins)
    serialization = here.torch.serialization
    here.patches.around(serialization, "save", enter, careful)
    here.patches.put(here.torch, "save", serialization.save)
    when_imported("safetensors.torch", lambda module: here.patches.around(module, "save_file", enter, careful))
