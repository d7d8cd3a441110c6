"""A small real sampler without devices: `python -P sampler.py DEED --hz N`.

Gives one reading and then does the deed that a test needs.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time

from workloads.wire.frames import Gauges, Hello
from workloads.wire.framing import frame_bytes


def main() -> None:
    """One Hello, one reading, the deed."""
    now = time.monotonic_ns()
    hello = Hello(role="sampler", pid=os.getpid(), host=socket.gethostname(), monotonic_ns=now, wall_ns=time.time_ns())
    reading = Gauges(at_ns=now, device="host", source="psutil", readings={"cpu_percent": 12.5})
    os.write(1, frame_bytes(hello) + frame_bytes(reading))
    if sys.argv[1] == "hangs":
        signal.pause()
    if sys.argv[1] == "draws":
        while not select.select((0,), (), (), 0.01)[0] or os.read(0, 4096):
            drawn = Gauges(at_ns=time.monotonic_ns(), device="gpu0", source="nvml", readings={"power_w": 71.0})
            os.write(1, frame_bytes(drawn))
    if sys.argv[1] == "waits":
        while os.read(0, 4096):
            pass


if __name__ == "__main__":
    main()
