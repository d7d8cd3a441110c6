"""The workload's own processes: CPU, memory and threads of those that were named and of their children.

One file, /proc/PID/stat, tells all three; a second one how long the main thread waited for a processor. CPU time is
counted by the kernel in hundredths of a second, so a single reading at 4 Hz is exact to 4 % of one processor; means
over more are exact. Children are looked for only with `slow`: their list costs one file for each thread. A page that
several processes share counts in each of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from app.telemetry.proc_file import read_small
from app.telemetry.rates import FIRST
from workloads.children import children_of
from workloads.wire.frames import Gauges

ENDED = "the workload's processes have ended"
NO_DELAYS = "this kernel does not tell how long a thread waits for a processor (/proc/PID/schedstat)"

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class ProcessStat(NamedTuple):
    """What /proc/PID/stat says."""

    state: str
    cpu_s: float
    """User and system time since it started."""
    threads: int
    started: int
    """With the pid it names one process, even after the pid was given out again."""
    rss_bytes: int


class Delays(NamedTuple):
    """What /proc/PID/schedstat says of a process's main thread since it started, nanoseconds."""

    ran_ns: int
    waited_ns: int
    """It could have run, and another ran on its processor (kernel documentation, scheduler/sched-stats: run_delay)."""


class WorkloadGauges:
    """The processes of one run at a time."""

    def __init__(self, proc: Path, clock: Callable[[], int]) -> None:
        self._proc = proc
        self._clock = clock
        self._roots: tuple[int, ...] = ()
        self._above = 0
        self._pids: tuple[int, ...] = ()
        self._before: dict[tuple[int, int], float] = {}
        self._delays: dict[tuple[int, int], Delays] = {}
        self._before_ns: int | None = None

    @property
    def pids(self) -> tuple[int, ...]:
        """They and what they started, as of the last look."""
        return self._pids

    def watch(self, pids: tuple[int, ...], *, above: int = 0) -> None:
        """These are the workload's processes now; what they start belongs to them, from a generation below on."""
        self._roots = self._pids = pids
        self._above = above
        self._before = {}
        self._delays = {}
        self._before_ns = None

    def read(self, run: int, *, slow: bool) -> Gauges | None:
        """One instant, or None when nothing is watched; `slow` looks for children anew."""
        if not self._roots:
            return None
        if slow or self._before_ns is None:
            self._pids = tuple(family(self._proc, below(self._proc, self._roots, self._above)))
        at_ns = self._clock()
        stats = {pid: stat for pid in self._pids if (stat := read_stat(self._proc, pid))}
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        if not stats:
            absent = dict.fromkeys(("cpu_percent", "cpu_wait_percent", "rss_bytes", "threads"), ENDED)
        else:
            readings["rss_bytes"] = float(sum(stat.rss_bytes for stat in stats.values()))
            readings["threads"] = float(sum(stat.threads for stat in stats.values()))
            self._load(at_ns, stats, readings, absent)
            self._wait(at_ns, stats, readings, absent)
        self._before = {(pid, stat.started): stat.cpu_s for pid, stat in stats.items()}
        self._before_ns = at_ns
        return Gauges(run=run, at_ns=at_ns, device="worker", source="proc", readings=readings, absent=absent)

    def _load(
        self, at_ns: int, stats: dict[int, ProcessStat], readings: dict[str, float], absent: dict[str, str]
    ) -> None:
        if self._before_ns is None or at_ns <= self._before_ns:
            absent["cpu_percent"] = FIRST
            return
        busy = sum(
            stat.cpu_s - self._before[pid, stat.started]
            for pid, stat in stats.items()
            if (pid, stat.started) in self._before
        )
        readings["cpu_percent"] = 100 * busy / ((at_ns - self._before_ns) / 1e9)

    def _wait(
        self, at_ns: int, stats: dict[int, ProcessStat], readings: dict[str, float], absent: dict[str, str]
    ) -> None:
        """Each process counts as much as its main thread ran or wanted to: one that sleeps waits for no processor."""
        now = {(pid, stat.started): found for pid, stat in stats.items() if (found := read_delays(self._proc, pid))}
        before, self._delays = self._delays, now
        if not now:
            absent["cpu_wait_percent"] = NO_DELAYS
            return
        if self._before_ns is None or at_ns <= self._before_ns:
            absent["cpu_wait_percent"] = FIRST
            return
        wanted = weighted = 0
        for key in now.keys() & before.keys():
            ran, waited = now[key].ran_ns - before[key].ran_ns, now[key].waited_ns - before[key].waited_ns
            wanted += ran + waited
            weighted += (ran + waited) * waited
        share = weighted / wanted / (at_ns - self._before_ns) if wanted > 0 else 0.0
        readings["cpu_wait_percent"] = 100 * min(1.0, max(0.0, share))


def family(proc: Path, roots: tuple[int, ...]) -> Iterator[int]:
    """The processes and all their descendants, each once."""
    seen: set[int] = set()
    waiting = list(reversed(roots))
    while waiting:
        pid = waiting.pop()
        if pid not in seen:
            seen.add(pid)
            yield pid
            waiting.extend(reversed(children_of(pid, proc)))


def below(proc: Path, roots: tuple[int, ...], generations: int) -> tuple[int, ...]:
    """The processes that stand so many generations below these."""
    for _ in range(generations):
        roots = tuple(child for pid in roots for child in children_of(pid, proc))
    return roots


def read_stat(proc: Path, pid: int) -> ProcessStat | None:
    """One process, or None when it has ended (a zombie has)."""
    try:
        text = read_small(f"{proc}/{pid}/stat")
    except OSError:
        return None
    # The name stands in brackets and may hold anything, brackets too; fields are counted behind the last one.
    fields = text.rpartition(")")[2].split()
    if len(fields) < 22 or fields[0] in "ZX":
        return None
    return ProcessStat(
        state=fields[0],
        cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS,
        threads=int(fields[17]),
        started=int(fields[19]),
        rss_bytes=int(fields[21]) * _PAGE,
    )


def read_delays(proc: Path, pid: int) -> Delays | None:
    """Of one process, or None when it has ended, or the kernel does not tell."""
    try:
        ran, waited, *_ = map(int, read_small(f"{proc}/{pid}/schedstat").split())
    except (OSError, ValueError):
        return None
    return Delays(ran, waited)
