"""Commands of the conductor on stdin, read in the listener's one loop. Their end is the end of this process."""

from __future__ import annotations

import os

from workloads.orders import ORPHANED
from workloads.wire.commands import AnyCommand, Start
from workloads.wire.framing import DamagedStream, Splitter, decode_command


class Orders:
    """One stream of commands."""

    def __init__(self, descriptor: int = 0) -> None:
        self.descriptor = descriptor
        self._splitter = Splitter()

    def first(self) -> Start | None:
        """The order to start, waited for; None when another came first."""
        while True:
            for command in self.read():
                return command if isinstance(command, Start) else None

    def read(self) -> list[AnyCommand]:
        """What has come; waits for something. A conductor that is gone, or speaks nonsense, ends this process."""
        data = os.read(self.descriptor, 1 << 16)
        if not data:
            os._exit(ORPHANED)
        try:
            return [decode_command(payload) for payload in self._splitter.feed(data)]
        except (DamagedStream, ValueError):
            os._exit(ORPHANED)
