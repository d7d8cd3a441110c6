"""A small real sampler without devices: `python -P -m tests.conductor.sampler DEED --hz N`.

Gives one reading and then does the deed that a test needs.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

from tests.conductor.worker import send
from workloads.wire.frames import Gauges, Hello


def main() -> None:
    """One Hello, one reading, the deed."""
    now = time.monotonic_ns()
    send(Hello(role="sampler", pid=os.getpid(), host=socket.gethostname(), monotonic_ns=now, wall_ns=time.time_ns()))
    send(Gauges(at_ns=now, device="host", source="psutil", readings={"cpu_percent": 12.5}))
    if sys.argv[1] == "hangs":
        signal.pause()
    if sys.argv[1] == "waits":
        while os.read(0, 4096):
            pass


if __name__ == "__main__":
    main()
