"""What a `torch.profiler` trace says in a few numbers: own times of operators, and when the device had nothing to do.

Pure; the events are torch's `_KinetoEvent`, as far as they are used here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

from workloads.wire.frames import Operator

OPERATORS: Final = 20
"""Rows that are told."""
GAPS: Final = 10
"""Idle gaps that are told."""
SHORTEST_GAP_NS: Final = 1_000
"""What is shorter lies between any two kernels."""


class TraceEvent(Protocol):
    """Something that took some time on the host or on the device."""

    def name(self) -> str:
        """Of the operator or kernel."""

    def start_ns(self) -> int:
        """Of the profiler's clock."""

    def duration_ns(self) -> int:
        """0 for what is only a mark."""

    def correlation_id(self) -> int:
        """Of an operator: its number."""

    def linked_correlation_id(self) -> int:
        """Of what an operator has started: that operator's number; 0 for an operator."""

    def start_thread_id(self) -> int:
        """On the host."""

    def is_async(self) -> bool:
        """Whether it ends in another thread."""


class Seen(NamedTuple):
    """What the trace says."""

    window_ns: int
    device_busy_ns: int | None
    operators: tuple[Operator, ...]
    gaps: tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """One event, its times within the trace."""

    name: str
    start: int
    end: int


def look_into(events: Iterable[TraceEvent], on_device: Callable[[TraceEvent], bool | None]) -> Seen:
    """Sums over all events. `on_device` says of an event where it was; None: it is no work, but a note about some."""
    host: list[tuple[Span, int]] = []
    device: list[tuple[Span, int]] = []
    names: dict[int, str] = {}
    first, last = None, 0
    for event in events:
        where = on_device(event)
        if where is None:
            continue
        start = event.start_ns()
        span = Span(event.name(), start, start + event.duration_ns())
        first = start if first is None else min(first, start)
        last = max(last, span.end)
        link = event.linked_correlation_id()
        if where:
            device.append((span, link))
        elif not event.is_async():
            host.append((span, event.start_thread_id()))
            if not link:
                names[event.correlation_id()] = span.name
    operators = _operators(host, [(names.get(link, span.name), span) for span, link in device])
    begin = first or 0
    if not device:
        return Seen(last - begin, None, operators, ())
    busy, gaps = busy_and_gaps([span for span, _ in device])
    told = tuple((start - begin, length) for start, length in gaps)
    return Seen(last - begin, busy, operators, told)


def busy_and_gaps(spans: Sequence[Span]) -> tuple[int, list[tuple[int, int]]]:
    """Time with at least one of them, and the longest stretches without any as (begin, length), the longest first."""
    busy, until, gaps = 0, spans[0].start, []
    for _, start, end in sorted(spans, key=itemgetter(1)):
        if start - until >= SHORTEST_GAP_NS and busy:
            gaps.append((until, start - until))
        busy += max(0, end - max(start, until))
        until = max(until, end)
    return busy, sorted(gaps, key=itemgetter(1), reverse=True)[:GAPS]


def own_times(spans: Iterable[tuple[Span, int]]) -> dict[str, tuple[int, int]]:
    """Host events with their threads → name → calls, and nanoseconds without what was called within them."""
    found: dict[str, tuple[int, int]] = {}
    threads: dict[int, list[Span]] = {}
    for span, thread in sorted(spans, key=lambda item: (item[0].start, -item[0].end)):
        open_spans = threads.setdefault(thread, [])
        while open_spans and open_spans[-1].end <= span.start:
            open_spans.pop()
        length = span.end - span.start
        if open_spans:
            outer = open_spans[-1].name
            calls, own = found[outer]
            found[outer] = (calls, own - length)
        calls, own = found.get(span.name, (0, 0))
        found[span.name] = (calls + 1, own + length)
        open_spans.append(span)
    return found


def _operators(host: Iterable[tuple[Span, int]], device: Sequence[tuple[str, Span]]) -> tuple[Operator, ...]:
    """Those with the most own time, on the device where there is one; a kernel counts to the operator that began it."""
    calls = own_times(host)
    on_device: dict[str, tuple[int, int]] = {}
    for name, span in device:
        count, total = on_device.get(name, (0, 0))
        on_device[name] = (count + 1, total + span.end - span.start)
    rows = [
        Operator(
            name=name,
            calls=calls[name][0] if name in calls else on_device[name][0],
            host_ns=max(0, calls[name][1]) if name in calls else 0,
            device_ns=on_device[name][1] if name in on_device else None,
        )
        for name in calls | on_device
    ]
    rows.sort(key=lambda row: (row.device_ns or 0, row.host_ns), reverse=True)
    if not on_device:
        return tuple(rows[:OPERATORS])
    # Half by the device's time, half by the host's: what keeps the device waiting is no work of its own.
    by_device, rest = rows[: OPERATORS // 2], rows[OPERATORS // 2 :]
    return (*by_device, *sorted(rest, key=lambda row: row.host_ns, reverse=True)[: OPERATORS // 2])
