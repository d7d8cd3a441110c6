"""A small real worker without torch: `python -P worker.py DEED`.

Speaks the real wire, sends one second's worth of steps, and then does the deed that a test needs.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workloads.wire.columns import pack_integers
from workloads.wire.commands import AnyCommand, Start, Stop
from workloads.wire.frames import AnyFrame, Done, Failure, Hello, Log, Phase, RunStarted, Steps
from workloads.wire.framing import Splitter, decode_command, frame_bytes

STEPS_A_FRAME = 20


def send(frame: AnyFrame) -> None:
    """Put one frame on stdout."""
    data = memoryview(frame_bytes(frame))
    while data:
        data = data[os.write(1, data) :]


def commands() -> AnyCommand | None:
    """The next command, or None at the end of stdin."""
    while data := os.read(0, 1):
        for payload in _splitter.feed(data):
            return decode_command(payload)
    return None


_splitter = Splitter()


began_ns: list[int] = []
"""When the run began, once it has."""


def begin(start: Start) -> None:
    """Everything up to the first frame of steps."""
    now = time.monotonic_ns()
    began_ns.append(now)
    send(
        Hello(
            run=start.run,
            role="worker",
            pid=os.getpid(),
            host=socket.gethostname(),
            monotonic_ns=now,
            wall_ns=time.time_ns(),
        )
    )
    send(
        RunStarted(
            run=start.run,
            at_ns=now,
            workload=start.workload,
            parameters=start.parameters,
            repeat=start.repeat,
            seed=start.seed,
            device="cpu",
            device_name="a processor",
            precision="float32",
            unit="sample",
        )
    )
    send(Phase(run=start.run, at_ns=now - STEPS_A_FRAME * 1_000_000, phase="measure"))
    steps(start)


def steps(start: Start, payload: int = STEPS_A_FRAME) -> None:
    """One frame of steps of a millisecond."""
    now = time.monotonic_ns()
    starts = pack_integers(range(now - payload * 1_000_000, now, 1_000_000))
    ones = pack_integers([1_000_000] * payload)
    send(Steps(run=start.run, start_ns=starts, wall_ns=ones, samples=pack_integers([64] * payload)))


def works(start: Start) -> None:
    """Ends as it should."""
    send(Done(run=start.run, at_ns=time.monotonic_ns()))


def steady(start: Start) -> None:
    """Ends as it should, at an instant that gives each repeat nearly the same rate."""
    send(Done(run=start.run, at_ns=began_ns[0] + start.repeat * 100_000))


def waits(start: Start) -> None:
    """Goes on until it is told to stop, or stdin ends."""
    if isinstance(commands(), Stop):
        send(Done(run=start.run, at_ns=time.monotonic_ns(), outcome="interrupted"))


def starves(start: Start) -> None:
    """Measures steps of which most is data wait; then says whatever it is told, until it is told to stop."""
    now = time.monotonic_ns()
    walls = pack_integers([10_000_000] * 100)
    starts = pack_integers(range(now - 1_000_000_000, now, 10_000_000))
    send(Phase(run=start.run, at_ns=now - 1_000_000_000, phase="measure"))
    waited = pack_integers([8_000_000] * 100)
    send(Steps(run=start.run, start_ns=starts, wall_ns=walls, samples=walls, data_wait_ns=waited))
    while (command := commands()) is not None and not isinstance(command, Stop):
        send(Log(run=start.run, at_ns=time.monotonic_ns(), text=repr(command), origin="stdout"))
    send(Done(run=start.run, at_ns=time.monotonic_ns()))


def hangs(_start: Start) -> None:
    """Never says or hears anything again."""
    signal.pause()


def fails(start: Start) -> None:
    """Says itself what went wrong."""
    send(
        Failure(
            run=start.run,
            at_ns=time.monotonic_ns(),
            kind="cuda-out-of-memory",
            message="CUDA is out of memory: 20 GiB asked for",
            remedy="--set batch=64",
        )
    )
    send(Done(run=start.run, at_ns=time.monotonic_ns(), outcome="failed"))
    sys.exit(1)


def crashes(_start: Start) -> None:
    """Ends with a message on stderr."""
    sys.exit("libfoo.so: cannot open shared object file")


def breaks(_start: Start) -> None:
    """A fault in native code."""
    os.kill(os.getpid(), signal.SIGSEGV)


def dies(_start: Start) -> None:
    """Killed from outside."""
    os.kill(os.getpid(), signal.SIGKILL)


def babbles(start: Start) -> None:
    """Sends something that is no frame, then goes on as if nothing were."""
    os.write(1, b"hello, world\n" * 10)
    waits(start)


def spawns(start: Start) -> None:
    """Leaves a process behind that keeps stdout and stderr open; its pid is in a file."""
    left = subprocess.Popen(["sleep", "1000"])
    Path(start.folder, "left.pid").write_text(str(left.pid))
    works(start)


def floods(start: Start) -> None:
    """Megabytes of log frames and stderr."""
    for _ in range(200):
        send(Log(run=start.run, at_ns=time.monotonic_ns(), text="x" * 20_000, origin="stdout"))
        os.write(2, b"y" * 20_000 + b"\n")
    works(start)


def fills(start: Start) -> None:
    """Sends six megabytes of steps, and then some more a hundred times a second until it is told to stop."""
    for _ in range(20):
        steps(start, payload=20_000)
    while not select.select((0,), (), (), 0.01)[0]:
        steps(start)


def pours(start: Start) -> None:
    """A hundred frames of steps, and another hundred once a part is made of the first; told to stop, it ends sooner."""
    for _ in range(100):
        steps(start)
    while not Path(start.folder, "part-00001.json").is_file() and not select.select((0,), (), (), 0.01)[0]:
        pass
    for _ in range(100):
        steps(start)
    works(start)


def gushes(start: Start) -> None:
    """Sends 160 KB of steps at a time until it is told to stop."""
    while not select.select((0,), (), (), 0.001)[0]:
        steps(start, payload=20_000)
    works(start)


def counts(start: Start) -> None:
    """Sends steps whose samples are their numbers, from 21 on, until it is told to stop."""
    number = STEPS_A_FRAME
    while not select.select((0,), (), (), 0.001)[0]:
        now, numbers = time.monotonic_ns(), range(number + 1, number + 1 + STEPS_A_FRAME)
        starts = pack_integers([now + step for step in range(STEPS_A_FRAME)])
        ones = pack_integers([1] * STEPS_A_FRAME)
        send(Steps(run=start.run, start_ns=starts, wall_ns=ones, samples=pack_integers(numbers)))
        number += STEPS_A_FRAME
    works(start)


DEEDS: dict[str, Callable[[Start], None]] = {
    deed.__name__: deed
    for deed in (
        works,
        steady,
        waits,
        starves,
        hangs,
        fails,
        crashes,
        breaks,
        dies,
        babbles,
        spawns,
        floods,
        fills,
        pours,
        gushes,
        counts,
    )
}


def main() -> None:
    """Read Start, begin, do the deed."""
    start = commands()
    assert isinstance(start, Start)
    begin(start)
    DEEDS[sys.argv[1]](start)


if __name__ == "__main__":
    main()
