"""How many samples a step has whose optimizers take turns, as those of a GAN do, where no DataLoader says so.

Each part of such a step puts the same samples through some model again, or its own on top of those of another. What
is called before the first optimizer steps saw each of them at least once: the module that was given fewest counts.
"""

from __future__ import annotations


class Alternating:
    """Of scripts with several optimizers."""

    __slots__ = ("_given", "taking_turns")

    def __init__(self) -> None:
        self.taking_turns = False
        """Whether a model was ever called between the steps of two of them."""
        self._given: dict[int, list[int]] = {}

    def note(self, root: int, samples: int, optimizers: int) -> None:
        """A top-level forward, behind the steps of so many optimizers since the last step ended."""
        if optimizers:
            self.taking_turns = True
            return
        given = self._given.setdefault(root, [0, 0])
        given[0] += 1
        given[1] += samples

    def samples(self, otherwise: int) -> int:
        """Of the step that ends; `otherwise`: where they do not take turns."""
        each = list(self._given.values())
        self._given.clear()
        if not self.taking_turns or not each:
            return otherwise
        # What is given one thing at a time may be no part of the model, such as a temperature that is learned.
        batched = [samples for calls, samples in each if samples > calls]
        return min(batched or [samples for _, samples in each])
