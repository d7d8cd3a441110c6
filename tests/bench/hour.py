"""An hour of training steps on a simulated clock: `python -m tests.bench.hour viewer|worker`.

`viewer` draws it on the real screen, ten times a simulated second, printing its own memory at every minute.
`worker` sends it to a conductor, telling the bench of every minute through a pipe.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.store.folder import SessionFolder
from app.ui.display import Display
from tests.bench.frames import PLAN, opening, steps_frame
from tests.bench.memory import MINUTES, own_bytes
from tests.conductor.worker import commands
from tests.ui.replay import WiredViewer
from workloads.wire.commands import AnyCommand, Reply, Start
from workloads.wire.frames import Gauges, Log
from workloads.wire.framing import FrameReader, frame_bytes

STEP_NS = 100_000
"""10,000 steps a second."""

LOOKS_A_SECOND = 10
A_LOOK = 1_000_000_000 // STEP_NS // LOOKS_A_SECOND
A_MINUTE = 60 * LOOKS_A_SECOND


def look_frames(look: int) -> Iterator[bytes]:
    """What comes in a tenth of a second: steps, readings of host and device, now and then a line of the log."""
    at_ns = (look + 1) * A_LOOK * STEP_NS
    yield steps_frame(look * A_LOOK, A_LOOK, STEP_NS)
    share = (look * 7919 % 1000) / 1000
    host = {"cpu_percent": 100 * share, "memory_used_bytes": 1e9 * (1 + share), "frequency_mhz": 2300.0}
    yield frame_bytes(Gauges(at_ns=at_ns, device="host", source="psutil", readings=host, core_percent=(share,) * 16))
    gpm = {"sm_active_percent": 90 * share, "tensor_active_percent": 60 * share, "dram_bytes_per_s": 4e12 * share}
    yield frame_bytes(Gauges(at_ns=at_ns, device="gpu0", source="gpm", readings=gpm))
    if look % 7 == 0:
        yield frame_bytes(Log(run=1, at_ns=at_ns, text=f"epoch {look}: top1 accuracy {share:.4f} of 360"))


class Simulated:
    """A session whose time goes on when it is told to."""

    live = True
    folder = SessionFolder(Path("/nowhere/hour"))

    def __init__(self) -> None:
        self.now_ns = 0
        self._reader = FrameReader()
        self._session = LiveSession(PLAN)
        for data in opening():
            self._feed(data)

    def go_on(self, look: int) -> None:
        """A tenth of a second goes by."""
        for data in look_frames(look):
            self._feed(data)
        self.now_ns = (look + 1) * A_LOOK * STEP_NS

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        """As it is."""
        return self._session.view(now_ns)

    def command(self, command: AnyCommand) -> Reply:
        """Nothing is obeyed."""
        return Reply(accepted=False, pid=0)

    def _feed(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            self._session.feed(frame)


async def viewer() -> None:
    """The whole app, its bytes thrown away."""
    session = Simulated()
    app = WiredViewer(session, Display(refresh_hz=LOOKS_A_SECOND), lambda: session.now_ns)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        for look in range(MINUTES * A_MINUTE):
            session.go_on(look)
            app.tick()
            await asyncio.sleep(0)
            while app.screen._dirty_widgets:
                await asyncio.sleep(0.001)
            app.wire.sent.clear()
            if look % A_MINUTE == A_MINUTE - 1:
                print(own_bytes(), file=sys.__stdout__, flush=True)


def worker() -> None:
    """Frames to stdout; a line into the session's pipe each minute."""
    start = commands()
    assert isinstance(start, Start)
    out = sys.stdout.buffer
    with Path(start.folder, "minutes").open("w") as minutes:
        for data in opening():
            out.write(data)
        for look in range(MINUTES * A_MINUTE):
            for data in look_frames(look):
                out.write(data)
            if look % A_MINUTE == A_MINUTE - 1:
                out.flush()
                print("minute", file=minutes, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "viewer":
        asyncio.run(viewer())
    else:
        worker()
