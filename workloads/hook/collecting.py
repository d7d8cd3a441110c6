"""Python's garbage collections: the long ones each, the short ones summed once a second."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

LONG_NS = 1_000_000
"""A collection that takes so long may explain a slow step."""


def listen(here: Listening) -> None:
    """Hear of every collection."""
    loop = here.loop
    clock, event = loop.clock, loop.event
    began, short = [0], [0, 0, 0]

    def collected(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            began[0] = clock()
            return
        if not loop.begun:
            return
        took = clock() - began[0]
        if took < LONG_NS:
            short[0] += 1
            short[1] += took
            short[2] = short[2] or began[0]
        else:
            event("garbage-collection", began[0], took, f"generation {info['generation']}: {info['collected']} objects")

    def tell() -> None:
        count, took, first = short
        short[:] = 0, 0, 0
        if count:
            event("garbage-collection", first, took, f"{count} short collections")

    gc.callbacks.append(collected)
    here.patches.also(lambda: gc.callbacks.remove(collected))
    here.line.every_second.append(tell)
