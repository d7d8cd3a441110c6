"""What the conductor makes of Pings and Pongs, with a child whose clock is a known way ahead of ours."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from app.conductor.alignment import TOLERANCE, Alignment, Estimate, NotAligned, believed
from app.conductor.child import Child
from app.conductor.record import Record
from app.session.store.folder import create_session
from tests.conductor.harness import journal
from tests.session.frames import PLAN
from workloads.wire.commands import AnyCommand, Ping, SetClock
from workloads.wire.frames import AnyFrame, ClockAligned, Hello, Log, Pong
from workloads.wire.framing import frame_bytes

SECOND = 1_000_000_000
AHEAD_NS = 5_000 * SECOND
HELLO = Hello(role="worker", pid=1, host="there", monotonic_ns=1, wall_ns=2)


class FakeHost:
    """Our clock and another, and a line that takes known times: pings arrive after `there`, pongs after `back`."""

    def __init__(self, *delays: tuple[int, int]) -> None:
        self.now = 1_000 * SECOND
        self.told: list[SetClock] = []
        self.alignment: Alignment | None = None
        self._delays = list(delays)

    async def send(self, command: AnyCommand) -> None:
        if isinstance(command, SetClock):
            self.told.append(command)
        if not isinstance(command, Ping) or not self._delays:
            return
        there, back = self._delays.pop(0)
        received = self.now + there + AHEAD_NS
        self.now += there + back
        self.hear(Pong(sent_ns=command.sent_ns, received_ns=received, replied_ns=received, host="there"))

    def hear(self, *frames: AnyFrame) -> tuple[bytes, list[AnyFrame]]:
        assert self.alignment is not None
        return self.alignment.take(b"".join(map(frame_bytes, frames)), list(frames))


def aligned(home: Path, host: FakeHost) -> list[ClockAligned]:
    """Begin with that host → what the journal says."""
    folder = create_session(home, PLAN)
    record = Record(folder, clock=lambda: host.now)
    host.alignment = Alignment("worker", record, run=1)
    asyncio.run(host.alignment.begin(cast("Child", host)))
    record.close()
    return [frame for frame in journal(folder) if isinstance(frame, ClockAligned)]


def test_the_quickest_exchange_is_believed(tmp_path: Path) -> None:
    host = FakeHost((SECOND, 0), (40, 60), *[(3_000, 1_000)] * 6)
    (said,) = aligned(tmp_path, host)
    assert (said.role, said.host, said.run) == ("worker", "there", 1)
    assert (said.offset_ns, said.error_ns) == (-AHEAD_NS + 10, 50)
    assert host.told == [SetClock(offset_ns=said.offset_ns, error_ns=said.error_ns)]
    assert abs(said.offset_ns + AHEAD_NS) <= said.error_ns


def test_pongs_stay_out_of_the_journal_and_all_else_goes_in_as_it_came(tmp_path: Path) -> None:
    host = FakeHost(*[(1, 1)] * 8)
    aligned(tmp_path, host)
    log = Log(run=1, at_ns=5, text="between")
    pong = Pong(sent_ns=1, received_ns=2, replied_ns=3)
    assert host.hear(HELLO, pong, log) == (frame_bytes(HELLO) + frame_bytes(log), [HELLO, log])


def test_a_process_that_speaks_before_its_clock_is_set_is_refused(tmp_path: Path) -> None:
    class Talkative(FakeHost):
        async def send(self, command: AnyCommand) -> None:
            assert self.hear(HELLO) == (b"", [])

    with pytest.raises(NotAligned):
        aligned(tmp_path, Talkative())


def test_a_later_measurement_is_believed_when_it_is_surer_or_the_clock_has_jumped() -> None:
    known = Estimate(at_ns=0, offset_ns=1_000, error_ns=100)
    age = 10 * SECOND
    aged = known.at(age)
    assert aged.error_ns == 100 + round(TOLERANCE * age)
    surer = Estimate(age, 1_050, 90)
    assert believed(known, surer) == surer
    assert believed(known, Estimate(age, 1_050, aged.error_ns + 1)) == aged
    jumped = Estimate(age, 10**9, 10**6)
    assert believed(known, jumped) == jumped
