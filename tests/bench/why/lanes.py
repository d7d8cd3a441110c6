"""Several scripts side by side: each in a lane, which is its ranks' GPUs and an equal share of the processors.

A script with processes beside it has the machine for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

from app.text.numbers import counted
from tests.bench.why.entry import Entry

VISIBLE: Final = "CUDA_VISIBLE_DEVICES"

T = TypeVar("T")


@dataclass(frozen=True)
class Lane:
    """What one script may use. Nothing said: all that there is."""

    processors: frozenset[int] = frozenset()
    gpus: tuple[str, ...] = ()
    """As `CUDA_VISIBLE_DEVICES` names them."""

    @property
    def environment(self) -> Mapping[str, str]:
        """That a process started in it needs besides."""
        return {VISIBLE: ",".join(self.gpus)} if self.gpus else {}


@dataclass(frozen=True)
class Machine:
    """Its lanes are taken from this."""

    processors: tuple[int, ...] = field(default_factory=lambda: tuple(sorted(os.sched_getaffinity(0), key=_core)))
    """Threads of one core next to each other, so that no two lanes share one."""
    gpus: tuple[str, ...] = ()

    @classmethod
    def of_gpus(cls, count: int) -> Machine:
        """With so many GPUs, by the names that this process's environment has for them."""
        named = [name for name in os.environ.get(VISIBLE, "").split(",") if name]
        return cls(gpus=tuple(named[:count] or map(str, range(count))))

    def lanes(self, at_once: int, ranks: int) -> list[Lane]:
        """So many at most for scripts of so many ranks, each of which counts as one; a single one has everything."""
        count = max(1, at_once // ranks)
        if self.gpus:
            count = min(count, max(1, len(self.gpus) // ranks))
        if count == 1:
            return [Lane()]
        share = max(1, len(self.processors) // count)
        shares = [self.processors[at * share : (at + 1) * share] or self.processors[-share:] for at in range(count)]
        return [Lane(frozenset(mine), self.gpus[at * ranks : (at + 1) * ranks]) for at, mine in enumerate(shares)]

    def text(self, at_once: int, card: str) -> str:
        """What the head of a table says of it: `, 4 × NVIDIA H200: 4 scripts at a time, each with …`."""
        count = len(self.gpus)
        cards = f", {f'{count} × ' if count > 1 else ''}{card}" if count else ""
        lanes = self.lanes(at_once, 1)
        if len(lanes) == 1:
            return cards
        share = counted(len(lanes[0].processors), "processor") + (" and a GPU a rank" if count else "")
        return f"{cards}: {len(lanes)} scripts at a time, each with {share}"


def _core(processor: int) -> tuple[int, ...]:
    """A processor's place: socket, core, and itself; where that is not known it is a core of its own."""
    topology = Path(f"/sys/devices/system/cpu/cpu{processor}/topology")
    try:
        return *(int((topology / name).read_text()) for name in ("physical_package_id", "core_id")), processor
    except (OSError, ValueError):
        return 0, processor, processor


def in_lanes(
    machine: Machine, at_once: int, entries: Sequence[Entry], do: Callable[[Entry, Lane], T]
) -> Iterator[tuple[Entry, T]]:
    """Do it for each entry, as many at once as there are lanes; what is done first comes first."""
    groups: dict[int, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(0 if entry.beside else entry.ranks, []).append(entry)
    for ranks, group in sorted(groups.items(), reverse=True):
        lanes = machine.lanes(at_once, ranks) if ranks else [Lane()]
        # The longest first, so that none is waited for while the other lanes are empty.
        yield from _done([*sorted(group, key=lambda each: -each.more_s)] if len(lanes) > 1 else group, lanes, do)


def _done(entries: Sequence[Entry], lanes: Sequence[Lane], do: Callable[[Entry, Lane], T]) -> Iterator[tuple[Entry, T]]:
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def one(entry: Entry) -> T:
        lane = free.get()
        try:
            if lane.processors:
                os.sched_setaffinity(0, lane.processors)  # of this thread, and of the processes that it starts
            return do(entry, lane)
        finally:
            free.put(lane)

    with ThreadPoolExecutor(len(lanes)) as pool:
        waiting = {pool.submit(one, entry): entry for entry in entries}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)
