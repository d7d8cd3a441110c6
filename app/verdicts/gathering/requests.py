"""Requests of all ranks of a run → sums over the last seconds, and over all that was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import compress
from operator import not_, sub
from typing import Final

from app.session.live.histogram import Histogram
from app.verdicts.gathering.portions import GRAIN_NS, Portions, Sums, together
from app.verdicts.gathering.sums import Unsound, same_length, sound, times
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
    count: int = 0
    samples: int = 0
    lag_ns: int = 0
    waited_ns: int = 0
    """From due to the start of service, else to sent."""
    sums: Sums = field(default_factory=Sums)
    latencies: Histogram = field(default_factory=Histogram)
    lags: Histogram = field(default_factory=Histogram)
    unserved: int = 0

    @property
    def reach_ns(self) -> int:
        """Before the last was done: of a portion that is held, all are."""
        return self.last_ns - 1

    def merge(self, *others: RequestPortion) -> None:
        """Take in what came next."""
        for other in others:
            self.first_due_ns = min(self.first_due_ns, other.first_due_ns)
            self.last_due_ns = max(self.last_due_ns, other.last_due_ns)
            self.last_ns = max(self.last_ns, other.last_ns)
            self.count += other.count
            self.samples += other.samples
            self.lag_ns += other.lag_ns
            self.waited_ns += other.waited_ns
            self.unserved += other.unserved
        self.sums.merge(*(other.sums for other in others))
        self.latencies.merge(*(other.latencies for other in others))
        self.lags.merge(*(other.lags for other in others))

    def copy(self) -> RequestPortion:
        """One that grows by itself."""
        return deepcopy(self)


class RunRequests:
    """Of all ranks: the newest portions, and the sum of all that was measured."""

    def __init__(self) -> None:
        self.portions: Portions[RequestPortion] = Portions()
        self._last_start: dict[int, int] = {}
        """Rank → the start of service of its newest request: a batch may be told in two frames."""

    def take(self, frame: Requests, *, measured: bool) -> RequestPortion | None:
        """The next requests → their sums, None without any that was answered or ended. Raises ValueError."""
        portion = self._portion(frame)
        if portion is not None:
            self.portions.add(portion, measured=measured)
        return portion

    def recent(self, from_ns: int, to_ns: int, *, open_loop: bool) -> RequestSums | None:
        """Of requests whose answer came between two instants; None without any."""
        each = self.portions.between(from_ns, to_ns)
        waiting = _waiting(each, from_ns, to_ns) if open_loop else (None, None)
        return _sums(together(each), open_loop=open_loop, waiting=waiting)

    def whole(self, *, open_loop: bool) -> RequestSums | None:
        """Of all that was measured."""
        return _sums(self.portions.whole(), open_loop=open_loop)

    def _portion(self, frame: Requests) -> RequestPortion | None:
        columns = {name: column for name in _NAMES if (column := getattr(frame, name)) is not None}
        outcomes = sound(frame.outcome)
        same_length(len(outcomes), columns.values())
        kept = {name: sound(column) for name, column in columns.items()}
        unserved = 0
        if any(outcomes):
            unserved = sum(outcome == UNSERVED for outcome in outcomes)
            answered = list(map(not_, outcomes))
            kept = {name: list(compress(items, answered)) for name, items in kept.items()}
        dues, dones = kept["scheduled_ns"], kept["done_ns"]
        if not dones and not unserved:
            return None
        if not dones:
            dues, last_ns = sound(frame.scheduled_ns), max(sound(frame.done_ns))
            return RequestPortion(
                first_due_ns=min(dues), last_due_ns=max(dues), last_ns=last_ns, opened_ns=last_ns, unserved=unserved
            )
        latencies, lags = list(map(sub, dones, dues)), list(map(sub, kept["sent_ns"], dues))
        if min(latencies) < 0 or min(lags) < 0:
            raise Unsound("a request that was answered or sent before it was due")
        sums = self._further(frame, kept)
        starts = kept.get("started_ns", kept["sent_ns"])
        return RequestPortion(
            first_due_ns=min(dues),
            last_due_ns=max(dues if not unserved else sound(frame.scheduled_ns)),
            last_ns=max(dones),
            opened_ns=max(dones),
            count=len(dones),
            samples=sum(kept["samples"]),
            lag_ns=sum(lags),
            waited_ns=sum(starts) - sum(dues),
            sums=Sums(dict(sums), dict.fromkeys(sums, len(dones))),
            latencies=times(latencies),
            lags=times(lags),
            unserved=unserved,
        )

    def _further(self, frame: Requests, kept: dict[str, list[int]]) -> Counter[str]:
        """What not every server tells."""
        sums = Counter[str]()
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
    portion: RequestPortion | None,
    *,
    open_loop: bool,
    waiting: tuple[float | None, float | None] = (None, None),
) -> RequestSums | None:
    if portion is None:
        return None
    due, due_s = portion.count + portion.unserved, (portion.last_due_ns - portion.first_due_ns) * 1e-9
    return RequestSums(
        count=portion.count,
        samples=portion.samples,
        seconds=max(0, portion.last_ns - portion.first_due_ns) * 1e-9,
        latency_median_ns=_quantile(portion.latencies, 0.5),
        lag_ns=portion.lag_ns,
        lag_p99_ns=_quantile(portion.lags, 0.99),
        unserved=portion.unserved,
        # Requests are answered about in the order in which they are due: those of a window were due in a stretch.
        due_per_s=(due - 1) / due_s if open_loop and due_s > 0 and portion.count and due > 1 else None,
        waiting_first=waiting[0],
        waiting_last=waiting[1],
        **portion.sums.of_all(portion.count),
    )


def _quantile(times: Histogram, share: float) -> float:
    """0 without any."""
    return times.quantiles((share,))[0] if times.count else 0.0


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
