"""Experiments in the running script: blocks of steps with one thing changed, in turn with blocks as they were.

Whatever such steps did is undone at the end (see `kept`), so the script goes on as if it had not made them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .changes import CHANGES, Change
from .kept import Kept

if TYPE_CHECKING:
    from .listening import Listening

BLOCK_NS = 500_000_000
"""A block takes about so long, where the order does not say how many steps it has."""


class Experiment:
    """Blocks `plain`, changed, plain … of steps, each in a phase `experiment` of that case."""

    def __init__(self, here: Listening, order: dict[str, Any]) -> None:
        self._here = here
        self._name = str(order["experiment"])
        self._blocks = max(1, int(order.get("blocks") or 10))
        self._steps = order.get("steps")
        self._change: Change | None = None
        self._kept: Kept | None = None
        self._block = self._left = 0
        self._phase = ""
        self._looked_ns = 0
        self.ending = False
        """It shall end at the end of this step."""

    def cannot(self, reason: str) -> None:
        """Say why it is not made, or not to its end."""
        self._finish(reason)

    def step(self, now: int) -> bool:
        """A step ended → whether the experiment is over."""
        if self.ending:
            self._finish("it was ended early")
            return True
        if self._kept is None:
            return self._prepare(now)
        self._left -= 1
        if self._change is not None and self._change.failed:
            self._finish(self._change.failed)
            return True
        if self._left == 0:
            self._block += 1
            if self._block == 2 * self._blocks:
                self._finish("")
                return True
            self._begin_block()
        return False

    def _prepare(self, now: int) -> bool:
        """The first step of it shows what the script's modules are, and how long a step takes."""
        here = self._here
        if not self._looked_ns:
            kind = CHANGES.get(self._name)
            if kind is None:
                self._finish(f"{self._name} cannot be tried in a script that is only listened to")
                return True
            distributed = here.torch.distributed
            if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
                self._finish("experiments in a script are made in one process, and this one has several ranks")
                return True
            self._change = kind(here)
            reason = self._change.impossible()
            if reason:
                self._finish(reason)
                return True
            here.loop.roots = {}
            self._looked_ns = now
            return False
        roots, here.loop.roots = here.loop.roots or {}, None
        self._steps = int(self._steps or max(1, min(2_000, BLOCK_NS // max(1, now - self._looked_ns))))
        self._phase = here.loop.phase
        self._kept = Kept(here.torch, roots.values(), list(here.optimizers))
        assert self._change is not None
        self._change.prepare()
        self._begin_block()
        return False

    def _begin_block(self) -> None:
        assert self._change is not None
        changed = self._block % 2 == 1
        self._change.switch(changed)
        self._left = int(self._steps or 1)
        self._here.loop.resume("experiment", case=self._name if changed else "plain")

    def _finish(self, reason: str) -> None:
        loop = self._here.loop
        loop.roots = None
        if self._change is not None:
            self._change.switch(False)
            self._change.remove()
        if self._kept is not None:
            self._kept.put_back()
            self._kept = None
            loop.resume(self._phase)
        effect = {"kind": "effect", "at_ns": time.monotonic_ns(), "experiment": self._name, "over": True}
        loop.tell({**effect, "reason": reason})
