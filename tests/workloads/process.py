"""A real worker at the other end of two pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.workloads.forked import ForkedWorker
from workloads.wire.columns import unpack
from workloads.wire.commands import AnyCommand, Start
from workloads.wire.frames import AnyFrame, Done, Failure, Frame, Log, Phase, PhaseName, Requests, Steps, Value
from workloads.wire.framing import FrameReader, frame_bytes

WORKER = (sys.executable, "-P", "-m", "workloads.worker")

_Kind = TypeVar("_Kind", bound=Frame)


@dataclass
class Talk:
    """What a worker said, from its first byte to its end."""

    frames: list[AnyFrame] = field(default_factory=list)
    status: int = 0
    errors: str = ""

    def of(self, kind: type[_Kind]) -> list[_Kind]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    def one(self, kind: type[_Kind]) -> _Kind:
        (frame,) = self.of(kind)
        return frame

    @property
    def done(self) -> Done:
        assert isinstance(self.frames[-1], Done)
        return self.frames[-1]

    @property
    def failure(self) -> Failure:
        return self.one(Failure)

    def logged(self, origin: str) -> list[str]:
        return [log.text for log in self.of(Log) if log.origin == origin]

    def column(self, name: str, phase: PhaseName = "measure") -> list[float]:
        """A column of the steps or requests of a phase, all frames together."""
        now: PhaseName | None = None
        items: list[float] = []
        for frame in self.frames:
            if isinstance(frame, Phase):
                now = frame.phase
            elif isinstance(frame, Steps | Requests) and now == phase:
                packed = getattr(frame, name)
                items.extend(unpack(packed) if packed is not None else [])
        return items


def start(workload: str, folder: object, **settings: Value) -> Start:
    """An order; `steps`, `warmup` and the like are the order's own, every other name is a parameter."""
    own = {name: settings.pop(name) for name in ("seed", "steps", "warmup", "duration_s") if name in settings}
    own.setdefault("seed", 0)
    return Start(run=1, workload=workload, parameters={"device": "cpu", **settings}, folder=str(folder), **own)  # type: ignore[arg-type]


def open_worker(command: Sequence[str] = WORKER) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def talk(*orders: AnyCommand, command: Sequence[str] = WORKER, forked: bool = False) -> Talk:
    """Start a worker, give it the orders, and listen until it ends. Its stdin stays open all the while."""
    heard, reader = Talk(), FrameReader()
    with ForkedWorker(command) if forked else open_worker(command) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"".join(map(frame_bytes, orders)))
        process.stdin.flush()
        while data := process.stdout.read1(65_536):  # type: ignore[union-attr]
            heard.frames.extend(reader.feed(data))
        heard.errors = process.stderr.read().decode()
        heard.status = process.wait()
    assert reader.splitter.pending == 0, "the stream ends in the middle of a frame"
    return heard
