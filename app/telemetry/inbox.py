"""Commands that come in on stdin, read while the sampler waits for its next reading.

End of file is an order too: whoever started the sampler is gone or wants it gone.
"""

from __future__ import annotations

import os
import select

from workloads.wire.commands import AnyCommand
from workloads.wire.framing import Splitter, decode_command

READ_BYTES = 65536


class Inbox:
    """One stream of commands. Raises DamagedStream when it is none."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._splitter = Splitter()
        self.ended = False
        """End of file was seen."""
        self.unknown = 0
        """Commands of a kind that this program does not know, skipped."""

    def wait(self, timeout_s: float) -> list[AnyCommand]:
        """The commands that have come, waiting at most this long for the first; none when the time is over."""
        readable, _, _ = select.select((self._file,), (), (), max(0.0, timeout_s))
        if not readable:
            return []
        data = os.read(self._file, READ_BYTES)
        self.ended = not data
        return [command for payload in self._splitter.feed(data) if (command := self._decode(payload)) is not None]

    def _decode(self, payload: bytes) -> AnyCommand | None:
        try:
            return decode_command(payload)
        except ValueError:
            self.unknown += 1
            return None
