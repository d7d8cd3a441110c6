"""Calls of a model's `generate`: many top-level forwards that together answer one request, a token each.

The method is found once a module that has one is called without gradients, and is measured from its next call on; the
call that it was found in ends, as far as can be seen, where the next one begins or the script ends.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

DEEPEST = 8
"""Frames between a top-level forward and the `generate` that it is in, at most: transformers has four."""
MOST_ROWS = 256
"""Sequences of a call that have a row each; of more the others are left out."""


class Generation:
    """One call of `generate`, under way."""

    def __init__(self, owner: int, began_ns: int, *, seen_late: bool = False) -> None:
        self.owner = owner
        self.began_ns = began_ns
        self.seen_late = seen_late
        """Its end is not seen."""
        self.root = 0
        self.sequences = 1
        self.passes = 0
        self.ends: list[int] = []
        """When each forward was done."""

    def counts(self, root: int, samples: int) -> bool:
        """Whether a forward of that module gives a token: an encoder or a draft model gives none."""
        if not self.root or (root == self.owner != self.root):
            self.root, self.sequences = root, max(1, samples)
            self.ends, self.passes = [], 0
        return root == self.root

    def rows(self, answered: int) -> list[list[Any]]:
        """A request for each sequence."""
        if not self.ends:
            return []
        gaps = tuple(after - before for before, after in zip(self.ends, self.ends[1:]))
        began, first, last, tokens = self.began_ns, self.ends[0], self.ends[-1], len(self.ends)
        row = [began, began, first, last, 1, answered, None, tokens, began, gaps]
        return [list(row) for _ in range(min(self.sequences, MOST_ROWS))]


def find(here: Listening, module: Any, began_ns: int) -> None:
    """A module of a type that was not seen before was called without gradients: is it a generator?"""
    owner = next((each for each in type(module).__mro__ if "generate" in vars(each)), None)
    if owner is None or not callable(vars(owner)["generate"]):
        return
    here.patches.put(owner, "generate", _timed(here, vars(owner)["generate"]))
    if here.loop.generation is None and within_generate():
        here.loop.generation = Generation(id(module), began_ns, seen_late=True)


def within_generate() -> bool:
    """Whether a function of that name is among the callers."""
    frame = sys._getframe(1)
    for _ in range(DEEPEST):
        if frame.f_back is None:
            return False
        frame = frame.f_back
        if frame.f_code.co_name == "generate":
            return True
    return False


def _timed(here: Listening, real: Any) -> Any:
    loop = here.loop

    @functools.wraps(real)
    def generate(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not here.on or (loop.generation is not None and not loop.generation.seen_late):
            return real(self, *args, **kwargs)
        here.guarded(here.notes.at_once)(loop.generation_begins, Generation(id(self), loop.clock()))
        try:
            return real(self, *args, **kwargs)
        finally:
            here.guarded(here.notes.at_once)(loop.generation_ends)

    return generate
