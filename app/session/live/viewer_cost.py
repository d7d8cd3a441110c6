"""What a viewer has cost, as it tells the conductor of its session now and then: the conductor alone writes.

A viewer that is killed loses no more than what it cost since it last told.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from app.own_cost import own_cost
from app.session.sources.control import ConductorGone
from workloads.wire.commands import AnyCommand, Cost, Reply

EVERY_NS: Final = 2_000_000_000


class Telling:
    """Says when it is time to tell, and tells; nobody minds when nobody listens."""

    def __init__(self, now_ns: int) -> None:
        self._due_ns = now_ns + EVERY_NS

    def is_due(self, now_ns: int) -> bool:
        """Whether it is time again; the next time is counted from now."""
        if now_ns < self._due_ns:
            return False
        self._due_ns = now_ns + EVERY_NS
        return True


def tell_cost(command: Callable[[AnyCommand], Reply], bytes_to_terminal: int | None = None) -> None:
    """Tell it once; waits for the answer."""
    cpu_s, wall_s = own_cost()
    with suppress(ConductorGone):
        command(Cost(pid=os.getpid(), cpu_s=cpu_s, wall_s=wall_s, bytes_to_terminal=bytes_to_terminal))
