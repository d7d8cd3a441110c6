"""Requests of all ranks of a run → sums over the last seconds, and over all that was measured."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_, sub
from typing import Final

from app.verdicts.gathering.steps import ENOUGH, GRAIN_NS, MOST_PORTIONS
from app.verdicts.gathering.sums import Times, Unsound, quantiles, same_length, sound, times
from app.verdicts.window import RequestSums
from workloads.wire.frames import UNSERVED, Requests

QUARTERS: Final = 4


@dataclass(slots=True, kw_only=True)
class RequestPortion:
    """Requests that were answered one after the other."""

    first_due_ns: int
    last_due_ns: int
    last_ns: int
    """When the last was done."""
    opened_ns: int
    """The same of the first frame that is in it."""
    count: int
    samples: int
    lag_ns: int
    waited_ns: int
    """From due to the start of service, else to sent."""
    sums: dict[str, int]
    having: dict[str, int]
    """Field → requests that have it."""
    latencies: Times
    lags: Times
    unserved: int = 0

    def merge(self, other: RequestPortion) -> None:
        """Take in what came next."""
        self.first_due_ns = min(self.first_due_ns, other.first_due_ns)
        self.last_due_ns = max(self.last_due_ns, other.last_due_ns)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.count += other.count
        self.samples += other.samples
        self.lag_ns += other.lag_ns
        self.waited_ns += other.waited_ns
        self.unserved += other.unserved
        for name, amount in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + amount
            self.having[name] = self.having.get(name, 0) + other.having[name]
        self.latencies = _both(self.latencies, other.latencies)
        self.lags = _both(self.lags, other.lags)


class RunRequests:
    """Of all ranks: the newest portions, and the sum of all that was measured."""

    def __init__(self) -> None:
        self._recent: deque[RequestPortion] = deque(maxlen=MOST_PORTIONS)
        self._whole: RequestPortion | None = None
        self._last_start: dict[int, int] = {}
        """Rank → the start of service of its newest request: a batch may be told in two frames."""
        self.newest_ns = 0

    def take(self, frame: Requests, *, measured: bool) -> RequestPortion | None:
        """The next requests → their sums, None without any that was answered or ended. Raises ValueError."""
        portion = self._portion(frame)
        if portion is None:
            return None
        self.newest_ns = max(self.newest_ns, portion.last_ns)
        if measured:
            if self._whole is None:
                self._whole = _copy(portion)
            else:
                self._whole.merge(portion)
        last = self._recent[-1] if self._recent else None
        if last is not None and 0 <= portion.last_ns - last.opened_ns < GRAIN_NS:
            last.merge(portion)
        else:
            self._recent.append(portion)
        return portion

    def forget(self) -> None:
        """What comes from here on is not to be put together with what was."""
        self._recent.clear()

    def prune(self, before_ns: int) -> None:
        """Nobody will ask for what ended before that."""
        while self._recent and self._recent[0].last_ns <= before_ns:
            self._recent.popleft()

    def reach(self, from_ns: int, fewest: int) -> int:
        """How far back one has to look for so many answers, no less than to `from_ns`."""
        count, reached = 0, from_ns
        for portion in reversed(self._recent):
            if portion.last_ns <= from_ns and count >= fewest:
                break
            count += portion.count
            reached = min(reached, portion.last_ns - 1)
        return reached

    def recent(self, from_ns: int, to_ns: int, *, open_loop: bool) -> RequestSums | None:
        """Of requests whose answer came between two instants; None without any."""
        each = [portion for portion in self._recent if from_ns < portion.last_ns <= to_ns]
        waiting = _waiting(each, from_ns, to_ns) if open_loop else (None, None)
        return _sums(each, open_loop=open_loop, waiting=waiting)

    def whole(self, *, open_loop: bool) -> RequestSums | None:
        """Of all that was measured."""
        return None if self._whole is None else _sums([self._whole], open_loop=open_loop)

    def _portion(self, frame: Requests) -> RequestPortion | None:
        columns = [column for name in _NAMES if (column := getattr(frame, name)) is not None]
        outcomes = sound(frame.outcome)
        same_length(len(outcomes), columns)
        kept: dict[str, Sequence[int]] = {
            name: sound(column) for name in _NAMES if (column := getattr(frame, name)) is not None
        }
        unserved = 0
        if any(outcomes):
            unserved = sum(outcome == UNSERVED for outcome in outcomes)
            answered = list(map(not_, outcomes))
            kept = {name: list(compress(items, answered)) for name, items in kept.items()}
        dues, dones = kept["scheduled_ns"], kept["done_ns"]
        if not dones and not unserved:
            return None
        if not dones:
            return _unserved(sound(frame.scheduled_ns), max(sound(frame.done_ns)), unserved)
        latencies, lags = list(map(sub, dones, dues)), list(map(sub, kept["sent_ns"], dues))
        if min(latencies) < 0 or min(lags) < 0:
            raise Unsound("a request that was answered or sent before it was due")
        sums = self._further(frame, kept)
        starts: Sequence[int] = kept.get("started_ns", kept["sent_ns"])
        return RequestPortion(
            first_due_ns=min(dues),
            last_due_ns=max(dues if not unserved else sound(frame.scheduled_ns)),
            last_ns=max(dones),
            opened_ns=max(dones),
            count=len(dones),
            samples=sum(kept["samples"]),
            lag_ns=sum(lags),
            waited_ns=sum(starts) - sum(dues),
            sums=sums,
            having=dict.fromkeys(sums, len(dones)),
            latencies=times(latencies),
            lags=times(lags),
            unserved=unserved,
        )

    def _further(self, frame: Requests, kept: dict[str, Sequence[int]]) -> dict[str, int]:
        """What not every server tells."""
        sums: dict[str, int] = {}
        sent, firsts, dones = sum(kept["sent_ns"]), sum(kept["first_ns"]), sum(kept["done_ns"])
        began = sent
        if "started_ns" in kept:
            starts = kept["started_ns"]
            began = sum(starts)
            sums["queue_ns"] = max(0, began - sent)
            sums["service_ns"] = max(0, dones - began)
            batches: dict[int, int] = dict(zip(starts, kept.get("device_ns", starts), strict=True))
            before = self._last_start.get(frame.rank)
            self._last_start[frame.rank] = starts[-1]
            if before is not None:
                batches.pop(before, None)
            sums["batches"] = len(batches)
            if "device_ns" in kept:
                sums["device_ns"] = sum(batches.values())
        sums["ttft_ns"] = max(0, firsts - began)
        if "tokens" in kept:
            sums["tokens"] = sum(kept["tokens"])
        if frame.itl_ns is not None:
            gaps = sound(frame.itl_ns)
            sums["gaps"], sums["gap_ns"] = len(gaps), sum(gaps)
        return sums


_NAMES: Final = (
    "scheduled_ns",
    "sent_ns",
    "first_ns",
    "done_ns",
    "samples",
    "device_ns",
    "tokens",
    "started_ns",
)


def _sums(
    each: Sequence[RequestPortion], *, open_loop: bool, waiting: tuple[float | None, float | None] = (None, None)
) -> RequestSums | None:
    if not each:
        return None
    count = sum(portion.count for portion in each)
    sums: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for portion in each:
        sums.update(portion.sums)
        having.update(portion.having)
    (median,) = quantiles((portion.latencies for portion in each), (0.5,))
    (lag_p99,) = quantiles((portion.lags for portion in each), (0.99,))
    fields = {name: round(sums[name] * count / many) for name, many in having.items() if many >= ENOUGH * count}
    first, last_due = min(p.first_due_ns for p in each), max(p.last_due_ns for p in each)
    unserved = sum(portion.unserved for portion in each)
    due, due_s = count + unserved, (last_due - first) * 1e-9
    return RequestSums(
        count=count,
        samples=sum(portion.samples for portion in each),
        seconds=max(0, max(portion.last_ns for portion in each) - first) * 1e-9,
        latency_median_ns=median,
        lag_ns=sum(portion.lag_ns for portion in each),
        lag_p99_ns=lag_p99,
        unserved=unserved,
        # Requests are answered about in the order in which they are due: those of a window were due in a stretch.
        due_per_s=(due - 1) / due_s if open_loop and due_s > 0 and count and due > 1 else None,
        waiting_first=waiting[0],
        waiting_last=waiting[1],
        **fields,
    )


def _waiting(each: Sequence[RequestPortion], from_ns: int, to_ns: int) -> tuple[float | None, float | None]:
    """Mean number of waiting requests in the first and in the last quarter, by Little's law: rate × mean wait.

    L = λW (Little 1961): what was answered in a quarter waited so long together; over the quarter's length that is how
    many waited at a time. In a queue that grows it lags behind, and grows all the same.
    """
    if not each:
        return None, None
    began = max(from_ns, each[0].last_ns - GRAIN_NS)
    quarter = max(1, (to_ns - began) // QUARTERS)
    first = sum(portion.waited_ns for portion in each if portion.last_ns <= began + quarter)
    last = sum(portion.waited_ns for portion in each if portion.last_ns > to_ns - quarter)
    return first / quarter, last / quarter


def _both(one: Times, other: Times) -> Times:
    one.counts.update(other.counts)
    return Times(one.counts, one.many + other.many, max(one.largest, other.largest))


def _unserved(dues: Sequence[int], last_ns: int, unserved: int) -> RequestPortion:
    nothing = Times(Counter(), 0, 0)
    return RequestPortion(
        first_due_ns=min(dues),
        last_due_ns=max(dues),
        last_ns=last_ns,
        opened_ns=last_ns,
        count=0,
        samples=0,
        lag_ns=0,
        waited_ns=0,
        sums={},
        having={},
        latencies=nothing,
        lags=Times(Counter(), 0, 0),
        unserved=unserved,
    )


def _copy(portion: RequestPortion) -> RequestPortion:
    copied = _unserved((portion.first_due_ns, portion.last_due_ns), portion.last_ns, 0)
    copied.merge(portion)
    return copied
