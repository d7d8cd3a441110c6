"""What a workload offers so that things can be tried on it; what is tried, and in which order, is not its business."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from workloads.run import Length
from workloads.wire.frames import Value

Make = Callable[[Length], None]
"""Steps (or batches of requests), timed and recorded, until the length is over; then the device has done them all."""


class Sides(NamedTuple):
    """An experiment, ready to be made: the setting of the run and the changed one."""

    plain: Make
    changed: Make
    prefetched: int = 0
    """Batches that other processes may have ready; a block begins when those of the block before are used up."""


class Bench(Protocol):
    """A run between two steps."""

    def make(self, length: Length) -> None:
        """Go on with the run itself."""

    def sides(self, experiment: str) -> AbstractContextManager[Sides]:
        """One of the experiments that the workload offers. At the end of the context the run is as it was before.

        Raises ValueError, one line, where it cannot be made ready.
        """

    def turn(self, name: str, value: Value) -> None:
        """Change one of the knobs that the workload offers. Raises ValueError, one line, and has changed nothing."""
