"""Aligning the clock of a process on another host: exchanges of Ping and Pong, at the start and while it runs.

Of several exchanges the one with the smallest round trip is believed, for its offset can be off by half of
that and no more. A later one that is known less well than the last with its age is not: see RFC 5905, section 10.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from app.conductor.child import Child
from app.conductor.payloads import without
from app.conductor.record import Record
from workloads.wire.clock import Exchange
from workloads.wire.commands import Ping, SetClock
from workloads.wire.frames import SESSION, AnyFrame, ClockAligned, Pong, Role

EVERY_S: Final = 10.0
FIRST_PINGS: Final = 8
"""The first of them waits until the process is there and tells nothing."""
LATER_PINGS: Final = 4
PONG_S: Final = 5.0
"""A Pong that takes longer is not waited for: a busy line, or a process that has other things to do."""
TOLERANCE: Final = 15e-6
"""How far two clocks may drift apart, seconds in a second: PHI of RFC 5905, section 7.3."""


class NotAligned(Exception):
    """The process spoke before its clock was set: it does not know of clocks."""


@dataclass(frozen=True)
class Estimate:
    """What is known of a clock at an instant of ours."""

    at_ns: int
    offset_ns: int
    error_ns: int

    def at(self, now_ns: int) -> Estimate:
        """The same, with its age: the error has grown by what the clocks may have drifted."""
        return Estimate(now_ns, self.offset_ns, self.error_ns + round(TOLERANCE * (now_ns - self.at_ns)))


def best(exchanges: list[Exchange]) -> Estimate | None:
    """The exchange with the smallest round trip; None without any."""
    if not exchanges:
        return None
    quick = min(exchanges, key=lambda exchange: exchange.error_ns)
    return Estimate(quick.back_ns, quick.offset_ns, quick.error_ns)


def believed(known: Estimate, new: Estimate) -> Estimate:
    """Which of two holds from now on: the surer one, unless they contradict each other, when the clock has jumped."""
    aged = known.at(new.at_ns)
    contradict = abs(new.offset_ns - aged.offset_ns) > new.error_ns + aged.error_ns
    return new if contradict or new.error_ns <= aged.error_ns else aged


class Alignment:
    """The clock of one child. Its frames go through `take` first."""

    def __init__(self, role: Role, record: Record, run: int = SESSION) -> None:
        self._role: Role = role
        self._record = record
        self._run = run
        self._known: Estimate | None = None
        self._host = ""
        self._pong: asyncio.Future[Exchange] | None = None
        self._sent_ns = 0

    def take(self, data: bytes, frames: list[AnyFrame]) -> tuple[bytes, list[AnyFrame]]:
        """Bytes of whole frames and the frames → the same without what concerns clocks alone.

        What comes before the clock is set bears no times of ours, and is left out.
        """
        back_ns = self._record.now()
        others: list[AnyFrame] = [frame for frame in frames if not isinstance(frame, Pong)]
        for frame in frames:
            if isinstance(frame, Pong):
                self._hear(frame, back_ns)
        if self._known is None:
            if others and self._pong is not None and not self._pong.done():
                self._pong.set_exception(NotAligned())
            return b"", []
        return without((Pong,), data, frames), others

    async def begin(self, child: Child) -> None:
        """Set the child's clock, as soon as it is there. Raises NotAligned, and RecordClosed."""
        first = await self._ask(child, None)
        exchanges = [first] if first else []
        exchanges += await self._several(child, FIRST_PINGS - 1)
        found = best(exchanges)
        assert found is not None
        await self._settle(child, found)

    async def keep(self, child: Child) -> None:
        """Measure again and again, until cancelled. Raises RecordClosed."""
        while True:
            await asyncio.sleep(EVERY_S)
            found = best(await self._several(child, LATER_PINGS))
            assert self._known is not None
            if found is None:
                self._tell(self._known.at(self._record.now()))
            else:
                await self._settle(child, believed(self._known, found))

    async def _settle(self, child: Child, known: Estimate) -> None:
        """Believe it from now on, and tell."""
        changed = self._known is None or known.offset_ns != self._known.offset_ns
        self._known = known
        if changed:
            await child.send(SetClock(offset_ns=known.offset_ns, error_ns=known.error_ns))
        self._tell(known)

    def _tell(self, known: Estimate) -> None:
        self._record.put(
            ClockAligned(
                run=self._run,
                at_ns=known.at_ns,
                role=self._role,
                host=self._host,
                offset_ns=known.offset_ns,
                error_ns=known.error_ns,
            )
        )

    async def _several(self, child: Child, count: int) -> list[Exchange]:
        """So many exchanges, one after the other; those without an answer are left out."""
        asked = [await self._ask(child, PONG_S) for _ in range(count)]
        return [exchange for exchange in asked if exchange is not None]

    async def _ask(self, child: Child, patience_s: float | None) -> Exchange | None:
        self._pong = asyncio.get_running_loop().create_future()
        self._sent_ns = self._record.now()
        await child.send(Ping(sent_ns=self._sent_ns))
        try:
            return await asyncio.wait_for(self._pong, patience_s)
        except TimeoutError:
            return None

    def _hear(self, pong: Pong, back_ns: int) -> None:
        """A Pong that nobody waits for any more is none."""
        self._host = pong.host
        if self._pong is not None and not self._pong.done() and pong.sent_ns == self._sent_ns:
            self._pong.set_result(Exchange(pong.sent_ns, pong.received_ns, pong.replied_ns, back_ns))
