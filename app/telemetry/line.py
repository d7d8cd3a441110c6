"""The line to the conductor: frames out, in its clock where that is another than this host's.

Where several hosts share a run, devices of all but the first have the host's name in front: `node2:gpu0`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from app.telemetry.inbox import Inbox
from workloads.wire.clock import AlignedClock
from workloads.wire.commands import AnyCommand, Ping, SetClock
from workloads.wire.frames import AnyFrame, Gauges, Hello, Pong
from workloads.wire.framing import frame_bytes

Clock = Callable[[], int]
Write = Callable[[bytes], None]

LONG_S = 3600.0
"""Any time will do: the end of the commands ends the waiting."""


class Line:
    """Tells frames as they are; with `align` in the conductor's clock, with `node` under names of that node."""

    def __init__(self, write: Write, clock: Clock, *, align: bool, node: str = "") -> None:
        self._write = write
        self._clock = clock
        self._aligned = AlignedClock() if align else None
        self._set = not align
        self._node = f"{node}:" if node else ""

    def tell(self, frames: Iterable[AnyFrame]) -> None:
        """Send frames. Raises OSError of `write`."""
        self._write(b"".join(frame_bytes(self._told(frame)) for frame in frames))

    def obey(self, command: AnyCommand, read_ns: int) -> None:
        """What concerns clocks, done; `read_ns` is when the command was read."""
        if self._aligned is None:
            return
        if isinstance(command, Ping):
            host = socket.gethostname()
            pong = Pong(sent_ns=command.sent_ns, received_ns=read_ns, replied_ns=self._clock(), host=host)
            self._write(frame_bytes(pong))
        elif isinstance(command, SetClock):
            self._aligned.set(command.offset_ns, self._clock())
            self._set = True

    def _told(self, frame: AnyFrame) -> AnyFrame:
        if self._aligned is not None:
            frame = self._aligned.frame(frame)
        if self._node and isinstance(frame, Gauges):
            return replace(frame, device=self._node + frame.device)
        if self._node and isinstance(frame, Hello):
            devices = tuple(replace(facts, device=self._node + facts.device) for facts in frame.fingerprint.devices)
            return replace(frame, fingerprint=replace(frame.fingerprint, devices=devices))
        return frame

    def ready(self, inbox: Inbox) -> list[AnyCommand] | None:
        """Wait until times can be told → what came beside; None when the commands end before. Raises DamagedStream."""
        beside: list[AnyCommand] = []
        while not self._set and not inbox.ended:
            for command in inbox.wait(LONG_S):
                self.obey(command, self._clock())
                beside.append(command)
        return beside if self._set else None
