"""The sampler: one reading of everything, and the loop that makes it at a fixed rate.

Frames leave through a function and commands come from an inbox, so nothing here knows of pipes.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from app.own_cost import own_cost
from app.telemetry.foreign import numbers_agree, with_owners
from app.telemetry.host import HostGauges
from app.telemetry.host_border import Machine, PsutilMachine
from app.telemetry.host_facts import host_fingerprint
from app.telemetry.host_proc import ProcGauges
from app.telemetry.host_rapl import PackageEnergy
from app.telemetry.host_workload import WorkloadGauges
from app.telemetry.inbox import Inbox
from app.telemetry.line import Clock, Line, Write
from app.telemetry.nvidia import Nvidia
from app.telemetry.nvidia_border import Nvml
from app.telemetry.schedule import Every, Schedule
from workloads.wire.commands import AnyCommand, Stop, Watch
from workloads.wire.frames import SESSION, Gauges, Hello, Overhead


class Sampler:
    """Devices, host and the workload's processes."""

    def __init__(
        self,
        nvml: Nvml | None = None,
        machine: Machine | None = None,
        proc: Path = Path("/proc"),
        clock: Clock = time.monotonic_ns,
        sys: Path = Path("/sys"),
    ) -> None:
        self._clock = clock
        self._proc = proc
        self._machine = machine or PsutilMachine()
        self._nvidia = Nvidia(nvml or Nvml(), clock)
        self._host = HostGauges(self._machine, clock)
        self._memory = ProcGauges(proc, clock, PackageEnergy(sys))
        self._workload = WorkloadGauges(proc, clock)
        self._agree = numbers_agree(proc)
        self._run = SESSION

    def look_ahead(self) -> None:
        """Find out what takes a while, before Hello tells it."""
        self._nvidia.find_ticks()

    def hello(self) -> Hello:
        """Who speaks, and everything that does not change."""
        devices = tuple(device.facts for device in self._nvidia.devices)
        return Hello(
            role="sampler",
            pid=os.getpid(),
            host=socket.gethostname(),
            monotonic_ns=self._clock(),
            wall_ns=time.time_ns(),
            fingerprint=host_fingerprint(self._machine, devices, self._nvidia.absent, self._proc),
        )

    def watch(self, watched: Watch) -> None:
        """Read these processes from now on; readings belong to their run for as long as there are any."""
        self._run = watched.run if watched.pids else SESSION
        self._workload.watch(watched.pids, above=watched.above)

    def read(self, *, slow: bool) -> list[Gauges]:
        """One reading of everything; `slow` adds what costs more and changes little."""
        worker = self._workload.read(self._run, slow=slow)
        return [
            *map(self._owned, self._nvidia.read(self._run, slow=slow)),
            self._host.read(self._run, slow=slow),
            self._memory.read(self._run, slow=slow),
            *([] if worker is None else [worker]),
        ]

    def cost(self) -> Overhead:
        """What this process has cost so far."""
        cpu_s, wall_s = own_cost()
        at_ns, host = self._clock(), socket.gethostname()
        return Overhead(at_ns=at_ns, role="sampler", pid=os.getpid(), host=host, cpu_s=cpu_s, wall_s=wall_s)

    def _owned(self, frame: Gauges) -> Gauges:
        """NVML's readings tell of processes; while nothing is watched there is none of the workload's."""
        return with_owners(frame, self._workload.pids, agree=self._agree) if frame.source == "nvml" else frame


def sample(sampler: Sampler, inbox: Inbox, line: Line, hz: float, clock: Clock = time.monotonic_ns) -> None:
    """Read `hz` times a second until stdin ends or a Stop comes. Raises DamagedStream, and OSError of writing."""
    beside = line.ready(inbox)
    if beside is None:
        return
    sampler.look_ahead()
    line.tell((sampler.hello(),))
    schedule, slow, first = Schedule(clock(), hz), Every(hz), True
    going = _obey(beside, sampler)
    while going:
        due = slow.due()
        # Now and then, since whoever starts a sampler may end it without a word; not before it has done anything.
        cost = (sampler.cost(),) if due and not first else ()
        first = False
        line.tell((*sampler.read(slow=due), *cost))
        going = _obey_until(schedule.next_ns(clock()), sampler, inbox, line, clock)


def _obey_until(due_ns: int, sampler: Sampler, inbox: Inbox, line: Line, clock: Clock) -> bool:
    """Do what is commanded until the next reading is due → whether there is to be one."""
    while (left_ns := due_ns - clock()) > 0:
        commands = inbox.wait(left_ns / 1e9)
        for command in commands:
            line.obey(command, clock())
        if inbox.ended or not _obey(commands, sampler):
            return False
    return True


def _obey(commands: Iterable[AnyCommand], sampler: Sampler) -> bool:
    """Do what concerns readings → whether there is to be another one."""
    for command in commands:
        if isinstance(command, Stop):
            return False
        if isinstance(command, Watch):
            sampler.watch(command)
    return True


def sample_once(sampler: Sampler, write: Write, wait: Callable[[], None]) -> None:
    """Hello, and one reading of everything; rates need a reading before it, which is not told."""
    line = Line(write, time.monotonic_ns, align=False)
    line.tell((sampler.hello(),))
    sampler.read(slow=True)
    wait()
    line.tell(sampler.read(slow=True))
