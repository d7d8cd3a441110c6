"""An hour of training steps on a simulated clock: `python -m tests.bench.hour viewer|worker`.

`viewer` feeds it to the live view and looks four times a simulated second, printing its own memory at
every minute. `worker` sends it to a conductor, telling the bench of every minute through a pipe.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.session.live import LiveSession
from tests.bench.frames import PLAN, opening, steps_frame
from tests.bench.memory import MINUTES, rss_bytes
from tests.conductor.worker import commands
from workloads.wire.commands import Start
from workloads.wire.framing import FrameReader

STEP_NS = 100_000
"""10,000 steps a second."""

A_FRAME = 2_500
"""A quarter of a second: one look."""

A_MINUTE = 60 * 4


def viewer() -> None:
    """Live state only: what is drawn from it does not grow with time."""
    reader, live = FrameReader(), LiveSession(PLAN)
    for data in opening():
        for frame in reader.feed(data):
            live.feed(frame)
    for look in range(MINUTES * A_MINUTE):
        for frame in reader.feed(steps_frame(look * A_FRAME, A_FRAME, STEP_NS)):
            live.feed(frame)
        live.view((look + 1) * A_FRAME * STEP_NS)
        if look % A_MINUTE == A_MINUTE - 1:
            print(rss_bytes(), flush=True)


def worker() -> None:
    """Frames to stdout; a line into the session's pipe each minute."""
    start = commands()
    assert isinstance(start, Start)
    out = sys.stdout.buffer
    with Path(start.folder, "minutes").open("w") as minutes:
        for data in opening():
            out.write(data)
        for look in range(MINUTES * A_MINUTE):
            out.write(steps_frame(look * A_FRAME, A_FRAME, STEP_NS))
            if look % A_MINUTE == A_MINUTE - 1:
                out.flush()
                print("minute", file=minutes, flush=True)


if __name__ == "__main__":
    {"viewer": viewer, "worker": worker}[sys.argv[1]]()
