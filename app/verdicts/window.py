"""The window: all numbers that rules look at, of one run over one stretch of time.

Made from frames by `app.verdicts.gathering`; rules are functions of it and of nothing else. Times are
nanoseconds, rates are a second, shares are fractions; percentages are gauges' own. None: not measured. What is
counted holds only samples of the phase `measure` (of `warmup` before there is any), never those of an experiment.
A column that a few steps lack is told as if they had the mean of the others; one that many lack is None.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.session.roofs.roofline import Roofline
from workloads.wire.frames import DeviceFacts, Event, PhaseName, RunStarted


class Slow(msgspec.Struct, frozen=True):
    """One step that took much longer than others."""

    start_ns: int
    wall_ns: int


class StepSums(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of one rank in the window; sums over all of them unless another thing is said."""

    count: int
    wall_ns: int
    median_ns: float
    """Of step time."""
    p95_ns: float
    samples: int
    tokens: int | None = None
    data_wait_ns: int | None = None
    h2d_ns: int | None = None
    forward_ns: int | None = None
    backward_ns: int | None = None
    optimizer_ns: int | None = None
    device_ns: int | None = None
    comm_ns: int | None = None
    sync_ns: int | None = None
    syncs: int | None = None
    h2d_bytes: int | None = None
    pageable_bytes: int | None = None
    ahead_ns: int | None = None
    launches: int | None = None

    @property
    def trains(self) -> bool:
        """Whether they are more than forwards."""
        return (self.backward_ns or 0) > 0 or (self.optimizer_ns or 0) > 0

    @property
    def data_wait_share(self) -> float:
        """Of their time; 0 where it is not measured."""
        return (self.data_wait_ns or 0) / max(1, self.wall_ns)


class RequestSums(msgspec.Struct, frozen=True, kw_only=True):
    """Requests whose answer came in the window, of all ranks; sums unless another thing is said."""

    count: int
    samples: int
    seconds: float
    """From the first due to the last done."""
    latency_median_ns: float
    """From when a request was due."""
    lag_ns: int
    """From due to sent."""
    lag_p99_ns: float
    queue_ns: int | None = None
    """From sent to the start of the batch."""
    service_ns: int | None = None
    batches: int | None = None
    """Different starts of service; None where that is not measured."""
    device_ns: int | None = None
    """Of the batches, each counted once."""
    tokens: int | None = None
    ttft_ns: int | None = None
    """From start of service, else from sent, to the first output."""
    gaps: int | None = None
    gap_ns: int | None = None
    unserved: int = 0
    due_per_s: float | None = None
    """Requests due a second, where they are due by a schedule."""
    waiting_first: float | None = None
    waiting_last: float | None = None
    """Mean number of waiting requests in the first and in the last quarter of the window."""


class RankSums(msgspec.Struct, frozen=True, kw_only=True):
    """One rank of several."""

    rank: int
    steps: StepSums


class DeviceMeans(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator, the host, or the workload's own processes."""

    device: str
    facts: DeviceFacts | None = None
    means: dict[str, float] = {}
    """Gauge → mean reading."""
    largest: dict[str, float] = {}
    grown: dict[str, float] = {}
    """Gauge → newest − oldest reading of the window, for counters."""
    counts: dict[str, int] = {}
    """Gauge → readings."""
    reasons: dict[int, float] = {}
    """Mask of one bit of `clock_event_reasons` (see `workloads.wire.clock_events`) → share of readings that have it."""
    absent: dict[str, str] = {}
    """Gauge → why there is no reading."""
    core_percent: tuple[float, ...] = ()
    """Host: mean load of each logical processor."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one kind in the window."""

    count: int
    wall_ns: int
    last: Event


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run so far in stretches of equal time, oldest first; at most 256 of them."""

    stretch_ns: int
    from_ns: int
    step_ns: tuple[float | None, ...] = ()
    """Median step time, or service time of requests, of each stretch."""
    units_per_s: tuple[float | None, ...] = ()
    rss_bytes: tuple[float | None, ...] = ()
    device_memory_bytes: tuple[float | None, ...] = ()
    """Kept by torch from step to step or, where that is not known, allocated by it; else used."""
    sm_clock_mhz: tuple[float | None, ...] = ()
    temperature_c: tuple[float | None, ...] = ()
    stalls: tuple[Slow, ...] = ()
    """The last 256 steps that took more than three times the median of their time and more than 20 ms above it."""
    events: tuple[Event, ...] = ()
    """The last 256."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one run between two instants."""

    run: int
    from_ns: int
    to_ns: int
    whole: bool = False
    """Of all that the run measured."""
    started: RunStarted | None = None
    phase: PhaseName | None = None
    """At its end."""
    phase_began_ns: int | None = None
    steps: StepSums | None = None
    """Of rank 0, or of the one rank there is."""
    ranks: tuple[RankSums, ...] = ()
    """All ranks, where there are several."""
    requests: RequestSums | None = None
    gpus: tuple[DeviceMeans, ...] = ()
    """Those that the run works on, where that is known; else all."""
    host: DeviceMeans = DeviceMeans(device="host")
    worker: DeviceMeans = DeviceMeans(device="worker")
    """CPU of the workload's own processes: 100 is one processor."""
    logical_processors: int | None = None
    """That the workload may use."""
    physical_cores: int | None = None
    torch_threads: int | None = None
    """That torch computes with on the CPU, in each process (Hello of the worker)."""
    happened: dict[str, Happened] = {}
    """Kind of event → what there was of it in the window."""
    course: Course = Course(stretch_ns=0, from_ns=0)
    roofline: Roofline | None = None
    """What probes measured on this device."""
    hooked: bool = False
    """Whether the run is a script that is only listened to; else it is one of benchtop's own workloads."""
    load: Literal["open", "closed"] | None = None
    """Of requests: due by a schedule, or when answers come."""
    standing: frozenset[str] = frozenset()
    """Kinds of the verdicts that stand now: of these a rule lowers its threshold by `rule.HYSTERESIS`."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.to_ns - self.from_ns) * 1e-9

    @property
    def device(self) -> str:
        """`cpu`, `cuda:0` …; empty while that is not known."""
        return self.started.device if self.started else ""

    @property
    def precision(self) -> str:
        """Of its arithmetic: `float32` …; empty while that is not known."""
        return self.started.precision if self.started else ""

    @property
    def facts(self) -> DeviceFacts | None:
        """Of the first accelerator that it works on."""
        return self.gpus[0].facts if self.gpus else None

    def happened_ns(self, kind: str) -> int:
        """Time that events of this kind took."""
        return self.happened[kind].wall_ns if kind in self.happened else 0
