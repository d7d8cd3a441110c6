"""The slowest steps or requests of a run, with their parts and with what happened meanwhile.

Only what is measured counts. A frame whose slowest sample is not among them costs one look at its largest number.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from operator import sub

from msgspec.structs import replace

from app.session.live.view import SlowSample
from app.session.plain import plain
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import ANSWERED, Event, Requests, Rollup, Steps

MOST = 10
"""Samples that are kept."""
MOST_EVENTS = 256
"""That wait for the samples in which they happened, told a tenth of a second later; and that one sample has."""
PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer")
"""Of a step, in the order in which they are done; what of it waits for reads or for ranks lies within these."""


class SlowSamples:
    """The ten slowest so far."""

    def __init__(self) -> None:
        self._found: list[SlowSample] = []
        """The slowest first."""
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)

    def clear(self) -> None:
        """What is measured begins anew."""
        self._found = []

    def take_event(self, event: Event) -> None:
        """Something happened that may explain a slow one, which is known already or still to come."""
        self._events.append(event)
        self._found = [_with(each, event) if _meanwhile(event, each) else each for each in self._found]

    def add(self, frame: Steps | Requests) -> None:
        """Take a frame of samples, whose columns were found sound. Raises ValueError for parts that are not."""
        if isinstance(frame, Steps):
            self._add_steps(frame)
        else:
            self._add_requests(frame)

    def add_rollup(self, frame: Rollup) -> None:
        """Take those of a stretch of time."""
        for each in frame.slowest[-MOST_EVENTS:]:
            self._put(
                SlowSample(each.start_ns, each.wall_ns, frame.rank, tuple((plain(name), ns) for name, ns in each.parts))
            )

    def view(self) -> tuple[SlowSample, ...]:
        """The slowest first."""
        return tuple(self._found)

    def _add_steps(self, frame: Steps) -> None:
        walls = unpack_integers(frame.wall_ns)
        places = self._slower(walls)
        if not places:
            return
        starts = unpack_integers(frame.start_ns)
        columns = [
            (name, unpack_integers(column)) for name in PARTS if (column := getattr(frame, f"{name}_ns")) is not None
        ]
        for at in places:
            parts = tuple((name, column[at]) for name, column in columns if at < len(column))
            self._put(SlowSample(starts[at], walls[at], frame.rank, parts))

    def _add_requests(self, frame: Requests) -> None:
        outcomes = unpack_integers(frame.outcome)
        dues, dones = unpack_integers(frame.scheduled_ns), unpack_integers(frame.done_ns)
        times = list(map(sub, dones, dues))
        if any(outcomes):
            times = [time if outcome == ANSWERED else -1 for time, outcome in zip(times, outcomes, strict=True)]
        places = self._slower(times)
        if not places:
            return
        sent = unpack_integers(frame.sent_ns)
        started = None if frame.started_ns is None else unpack_integers(frame.started_ns)
        for at in places:
            parts = [("late", sent[at] - dues[at])]
            if started is not None and at < len(started):
                parts += [("queue", started[at] - sent[at]), ("service", dones[at] - started[at])]
            self._put(SlowSample(dues[at], dones[at] - dues[at], frame.rank, tuple(parts)))

    def _slower(self, times: Sequence[int]) -> list[int]:
        """The places of those that are slower than what is known."""
        limit = self._found[-1].wall_ns if len(self._found) >= MOST else -1
        if not len(times) or max(times) <= limit:
            return []
        return [at for at in heapq.nlargest(MOST, range(len(times)), key=times.__getitem__) if times[at] > limit]

    def _put(self, sample: SlowSample) -> None:
        sample = replace(sample, events=tuple(event for event in self._events if _meanwhile(event, sample)))
        self._found = heapq.nlargest(MOST, [*self._found, sample], key=lambda each: each.wall_ns)


def _meanwhile(event: Event, sample: SlowSample) -> bool:
    """Whether they overlap."""
    return event.at_ns <= sample.start_ns + sample.wall_ns and event.at_ns + event.wall_ns >= sample.start_ns


def _with(sample: SlowSample, event: Event) -> SlowSample:
    return replace(sample, events=(*sample.events, event)[-MOST_EVENTS:])
