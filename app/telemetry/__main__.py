"""The sampler's process: `python -P -m app.telemetry [--hz 4] [--once] [--align] [--node NAME]`.

Frames go to stdout, commands come in on stdin. It ends with a status and a line, never a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time

from app.telemetry.inbox import Inbox
from app.telemetry.line import Line
from app.telemetry.process import claim_stdout, end_with_parent, write_all
from app.telemetry.sampler import Sampler, sample, sample_once
from workloads.wire.clock import ALIGN
from workloads.wire.framing import DamagedStream

ONCE_S = 0.25
"""Time between the two readings of `--once`."""


def main() -> int:
    """Sample until stdin ends → exit status."""
    end_with_parent()
    given = _arguments()
    frames = claim_stdout()
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    def write(data: bytes) -> None:
        write_all(frames, data)

    with contextlib.suppress(BrokenPipeError):
        if given.once:
            sample_once(Sampler(), write, lambda: time.sleep(ONCE_S))
            return 0
        try:
            line = Line(write, time.monotonic_ns, align=given.align, node=given.node)
            sample(Sampler(), Inbox(0), line, given.hz)
        except DamagedStream as damage:
            print(f"the commands on stdin are damaged: {damage}", file=sys.stderr)
            return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.telemetry", description="Write readings as frames to stdout.")
    parser.add_argument("--hz", type=_rate, default=4.0, help="readings a second (4)")
    parser.add_argument("--once", action="store_true", help="one reading of everything, then end")
    parser.add_argument(ALIGN, action="store_true", help="wait for the conductor's clock, which is another")
    parser.add_argument("--node", default="", metavar="NAME", help="put this name in front of those of the devices")
    return parser.parse_args()


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of readings a second, 0.01 to 1000")
    return rate


if __name__ == "__main__":
    sys.exit(main())
