"""The sampler's loop: Hello first, readings of everything, commands in between."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.telemetry.inbox import Inbox
from app.telemetry.line import Line
from app.telemetry.nvidia_border import Nvml
from app.telemetry.sampler import Sampler, sample, sample_once
from tests.telemetry.fake_nvml import FakeDevice, FakeNvml
from workloads.wire.commands import AnyCommand, Command, Ping, SetClock, Stop, Watch
from workloads.wire.frames import SESSION, AnyFrame, Gauges, Hello, Overhead, Pong
from workloads.wire.framing import DamagedStream, FrameReader, frame_bytes, payload_bytes


@contextmanager
def inbox(*commands: bytes) -> Iterator[Inbox]:
    """A pipe that holds these bytes and is closed behind them."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(commands))
    os.close(writing)
    try:
        yield Inbox(reading)
    finally:
        os.close(reading)


def sampler(*devices: FakeDevice) -> Sampler:
    return Sampler(Nvml(FakeNvml(*devices)), clock=itertools.count(10**9, 10**8).__next__)


def line(
    written: list[bytes], clock: Callable[[], int] = time.monotonic_ns, *, align: bool = False, node: str = ""
) -> Line:
    return Line(written.append, clock, align=align, node=node)


def frames_of(written: list[bytes]) -> list[AnyFrame]:
    return list(FrameReader().feed(b"".join(written)))


def test_hello_comes_first_and_carries_the_devices() -> None:
    written: list[bytes] = []
    with inbox() as commands:
        sample(sampler(FakeDevice(), FakeDevice()), commands, line(written), hz=4)
    hello, *gauges = frames_of(written)
    assert isinstance(hello, Hello)
    assert (hello.role, hello.pid) == ("sampler", os.getpid())
    assert [facts.device for facts in hello.fingerprint.devices] == ["gpu0", "gpu1"]
    assert hello.fingerprint.python
    assert {(frame.device, frame.source) for frame in gauges if isinstance(frame, Gauges)} == {
        *itertools.product(("gpu0", "gpu1"), ("nvml", "gpm")),
        ("host", "psutil"),
        ("host", "proc"),
    }


def test_once_tells_only_the_reading_that_has_rates() -> None:
    written: list[bytes] = []
    waits: list[None] = []
    sample_once(sampler(FakeDevice()), written.append, lambda: waits.append(None))
    _, *gauges = frames_of(written)
    assert len(waits) == 1
    assert [frame.source for frame in gauges if isinstance(frame, Gauges)] == ["nvml", "gpm", "psutil", "proc"]
    assert not any(
        "first reading" in reason for frame in gauges if isinstance(frame, Gauges) for reason in frame.absent.values()
    )


def test_watched_processes_belong_to_their_run_until_there_are_none() -> None:
    watching = sampler()
    watching.watch(Watch(run=3, pids=(os.getpid(),)))
    assert {(frame.device, frame.run) for frame in watching.read(slow=True)} == {("host", 3), ("worker", 3)}
    watching.watch(Watch(run=3, pids=()))
    assert {(frame.device, frame.run) for frame in watching.read(slow=True)} == {("host", SESSION)}


def test_stop_ends_it_and_what_stands_behind_is_not_obeyed() -> None:
    written: list[bytes] = []
    with inbox(frame_bytes(Stop()), b"\0" * 8) as commands:
        sample(sampler(), commands, line(written), hz=1000, clock=itertools.repeat(0).__next__)
    assert len(frames_of(written)) == 3


def test_now_and_then_it_tells_what_it_has_cost() -> None:
    written: list[bytes] = []
    stop = [b""] * 9 + [frame_bytes(Stop())]

    class Later(Inbox):
        """Says Stop after nine waits."""

        def wait(self, timeout_s: float) -> list[AnyCommand]:
            return [Stop()] if stop.pop(0) else []

    clock = itertools.count(10**9, 10**8).__next__
    sample(sampler(), Later(-1), line(written), hz=2, clock=clock)
    costs = [frame for frame in frames_of(written) if isinstance(frame, Overhead)]
    assert costs
    assert {(cost.role, cost.pid) for cost in costs} == {("sampler", os.getpid())}
    assert all(cost.cpu_s > 0 for cost in costs)
    assert isinstance(frames_of(written)[1], Gauges), "nothing is told before there was a reading"


def test_the_devices_of_a_further_node_have_its_name_in_front() -> None:
    written: list[bytes] = []
    with inbox() as commands:
        sample(sampler(FakeDevice()), commands, line(written, node="node2"), hz=4)
    hello, *gauges = frames_of(written)
    assert isinstance(hello, Hello)
    assert [facts.device for facts in hello.fingerprint.devices] == ["node2:gpu0"]
    assert {frame.device for frame in gauges if isinstance(frame, Gauges)} == {"node2:gpu0", "node2:host"}


def test_with_another_clock_it_answers_pings_and_says_nothing_before_it_is_set() -> None:
    written: list[bytes] = []
    clock = itertools.count(10**9, 10**8).__next__
    watch = Watch(run=3, pids=(os.getpid(),))
    orders: tuple[AnyCommand, ...] = (Ping(sent_ns=4), SetClock(offset_ns=10**15, error_ns=1), watch)
    with inbox(*map(frame_bytes, orders)) as commands:
        sample(sampler(), commands, line(written, clock, align=True), hz=4, clock=clock)
    pong, hello, *gauges = frames_of(written)
    assert isinstance(pong, Pong)
    assert pong.sent_ns == 4
    assert pong.received_ns < pong.replied_ns < 10**12
    assert isinstance(hello, Hello)
    assert hello.monotonic_ns > 10**15
    assert all(isinstance(frame, Gauges) and frame.at_ns > 10**15 for frame in gauges)
    assert "worker" in {frame.device for frame in gauges if isinstance(frame, Gauges)}, "what came beside is obeyed"


def test_without_a_clock_it_ends_with_its_commands_and_has_said_nothing() -> None:
    written: list[bytes] = []
    with inbox() as commands:
        sample(sampler(), commands, line(written, align=True), hz=4)
    assert not written


def test_an_unknown_command_is_skipped_and_counted() -> None:
    class Later(Command, frozen=True, tag="of a later version"):
        pass

    with inbox(payload_bytes(b"\x81\xa7command\xa5later"), frame_bytes(Later()), frame_bytes(Stop())) as commands:  # type: ignore[arg-type]
        assert commands.wait(1) == [Stop()]
        assert commands.unknown == 2


def test_damaged_commands_are_a_clear_error() -> None:
    with inbox(b"not a command at all") as commands, pytest.raises(DamagedStream, match="damaged at byte 0"):
        commands.wait(1)


def test_a_machine_without_a_driver_sends_only_the_host(tmp_path: Path) -> None:
    alone = Sampler(Nvml(FakeNvml(start=12)), proc=tmp_path)
    assert {frame.device for frame in alone.read(slow=True)} == {"host"}
    assert "no NVIDIA driver" in alone.hello().fingerprint.absent["nvml"]
