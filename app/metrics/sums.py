"""What is counted of a session: the same sums, whether they are made of frames or of tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from workloads.wire.frames import RunStarted

BOUNDS_NS: Final = (*(int(step * 10**decade) for decade in range(4, 11) for step in (1, 2.5, 5)), 10**11)
"""Upper bounds of buckets: 10 µs, 25 µs, 50 µs … 100 s."""

PARTS: Final = ("data_wait", "h2d", "forward", "backward", "optimizer", "comm", "sync")
OUTCOMES: Final = ("answered", "failed", "unserved")
"""Of requests, by their codes on the wire."""


class Key(NamedTuple):
    """What samples are summed by."""

    run: int
    rank: int
    phase: str
    """Empty before the first one."""


@dataclass
class Distribution:
    """How lengths of time are distributed."""

    count: int = 0
    total_ns: int = 0
    below: list[int] = field(default_factory=lambda: [0] * len(BOUNDS_NS))
    """How many are no longer than each of BOUNDS_NS."""

    def add(self, lengths_ns: Sequence[int]) -> None:
        """Count some."""
        ordered = sorted(lengths_ns)
        self.count += len(ordered)
        self.total_ns += sum(ordered)
        for place, bound in enumerate(BOUNDS_NS):
            self.below[place] += bisect_right(ordered, bound)


@dataclass
class StepSums:
    """Of steps."""

    times: Distribution = field(default_factory=Distribution)
    parts_ns: dict[str, int] = field(default_factory=dict)
    """By name, as in PARTS; what was not measured is not in it."""
    samples: int = 0
    tokens: int | None = None
    loss: float | None = None
    """The newest."""


@dataclass
class RequestSums:
    """Of requests."""

    latency: Distribution = field(default_factory=Distribution)
    """From due to done, of those that were answered."""
    first: Distribution = field(default_factory=Distribution)
    """From due to first output, of those that were answered."""
    queue: Distribution = field(default_factory=Distribution)
    """From sent to the start of the batch, of those that were served."""
    outcomes: dict[str, int] = field(default_factory=dict)
    samples: int = 0
    tokens: int | None = None


@dataclass
class RunSums:
    """Of one run as a whole."""

    workload: str
    title: str = ""
    state: str = "planned"
    started: RunStarted | None = None
    dropped: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    limit: tuple[str, str] | None = None
    """Kind and severity of the primary verdict."""


class Place(NamedTuple):
    """Where a reading is from."""

    device: str
    source: str
    gauge: str


@dataclass
class Sums:
    """All of a session so far."""

    session: str
    state: str = "running"
    began_unix_s: float | None = None
    benchtop: str = ""
    runs: dict[int, RunSums] = field(default_factory=dict)
    steps: dict[Key, StepSums] = field(default_factory=dict)
    requests: dict[Key, RequestSums] = field(default_factory=dict)
    readings: dict[Place, float] = field(default_factory=dict)
    """The newest of each."""
