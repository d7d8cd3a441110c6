"""Passes without gradients in a script that trains: an evaluation between two steps, or a part of every step."""

from __future__ import annotations

OFTEN = 0.5
"""Share of steps with passes without gradients from which on these belong to the step and are no evaluation."""


class Evaluation:
    """Such passes since the last step ended, and in how many steps there were any."""

    __slots__ = ("_often", "began_ns", "ended_ns", "passes", "samples", "took_ns", "wait_ns")

    def __init__(self) -> None:
        self._often = 0.0
        self.clear()

    def clear(self) -> None:
        """A step begins."""
        self.passes = self.began_ns = self.ended_ns = self.took_ns = 0
        self.wait_ns = self.samples = 0
        """Of DataLoaders, for these passes."""

    @property
    def is_usual(self) -> bool:
        """Whether most steps have such passes."""
        return self._often >= OFTEN

    def add(self, since_ns: int, began_ns: int, ended_ns: int, wait_ns: int, samples: int) -> None:
        """One more pass; `since_ns`: when its data was first waited for."""
        if not self.passes:
            self.began_ns = since_ns
        self.passes += 1
        self.ended_ns = ended_ns
        self.took_ns += ended_ns - began_ns
        self.wait_ns += wait_ns
        self.samples += samples

    def note_step(self, steps: int) -> None:
        """A step ended, the last of so many: a mean of all steps at first, then of the last ten or so."""
        if self.passes:
            self._often += max(0.1, 1.0 / (steps + 1)) * (1.0 - self._often)
        elif self._often:
            self._often *= min(0.9, steps / (steps + 1))

    @property
    def text(self) -> str:
        """Of its event."""
        return f"{self.passes} passes without gradients"
