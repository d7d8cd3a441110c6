"""A rank's line to the relay that started it: a Unix socket in the place of stdin and stdout. Standard library only."""

from __future__ import annotations

import os
import socket
from typing import Final

LINE: Final = "BENCHTOP_RANKS"
"""Environment variable with the socket's path; only ranks that a relay started have it."""


def line_to_relay() -> int | None:
    """A connected socket's descriptor, both ways; None where no relay started this process. Raises OSError."""
    path = os.environ.pop(LINE, None)
    if path is None:
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.connect(path)
    return line.detach()
