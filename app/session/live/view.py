"""The view: everything a screen shows of one instant, frozen.

Made by `app.session.live.session` from frames, drawn by `app.ui`. Values keep their SI units; text is made
where it is drawn. None means: not measured, or not yet.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.session.playing.played import Played
from app.session.roofs.roofline import Roofline
from workloads.exec.naming import WORKLOAD
from workloads.wire.frames import (
    DeviceFacts,
    Effect,
    Estimate,
    Event,
    Level,
    PhaseName,
    Profile,
    RunStarted,
    Source,
    Verdicts,
)

RunState = Literal["planned", "starting", "running", "done", "failed", "interrupted", "skipped"]
SessionState = Literal["starting", "running", "done", "failed", "interrupted", "lost"]
"""`lost`: the conductor is gone without having ended the session."""


class Series(msgspec.Struct, frozen=True):
    """Numbers over time in fixed buckets of absolute time, so that a chart moves by whole columns."""

    bucket_ns: int
    last: int
    """Index of the last bucket: it covers last × bucket_ns up to (last + 1) × bucket_ns of the host's clock."""
    values: tuple[float | None, ...]
    """The last value belongs to bucket `last`. None: nothing was measured in that bucket."""


class Reading(msgspec.Struct, frozen=True):
    """One gauge now."""

    value: float
    source: Source
    at_ns: int


class Quantiles(msgspec.Struct, frozen=True):
    """Of step time or latency in the measure phases of the present run, in nanoseconds, each within 0.8 %."""

    p50: float
    p95: float
    p99: float
    largest: float
    count: int


class Parts(msgspec.Struct, frozen=True):
    """Mean nanoseconds a step, over the last seconds. None: this workload has no such part."""

    data_wait: float | None = None
    h2d: float | None = None
    forward: float | None = None
    backward: float | None = None
    optimizer: float | None = None
    wall: float = 0.0
    device: float | None = None
    comm: float | None = None
    """A part of backward."""


class RankView(msgspec.Struct, frozen=True, kw_only=True):
    """One rank of several, over the last seconds of measuring. Times are means of a step, in nanoseconds."""

    rank: int
    units_per_s: float | None = None
    step: float | None = None
    own: float | None = None
    """Its own work: the step without the communication that it waits for. None where that is not measured."""
    comm_share: float | None = None
    """Of the step; a fraction."""
    data_wait_share: float | None = None
    """Of the step; a fraction."""


class Slowest(msgspec.Struct, frozen=True):
    """The rank with the most work of its own, which the others wait for; nanoseconds a step."""

    rank: int
    own: float
    median: float
    """Of all ranks."""


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator, or the host."""

    device: str
    facts: DeviceFacts | None = None
    """None for the host."""
    readings: dict[str, Reading] = {}
    absent: dict[str, str] = {}
    """Gauge → why it gives no reading."""
    series: dict[str, Series] = {}
    """Gauge → its course."""
    core_percent: tuple[float, ...] = ()
    processes: int | None = None
    """Processes on an accelerator."""


class Told(msgspec.Struct, frozen=True):
    """How text was told in the measure phases of the present run."""

    ttft: Quantiles
    """Time to first token, from when a request was due."""
    tpot: Quantiles | None = None
    """Time per output token of each request, from its second token on."""
    itl: Quantiles | None = None
    """Every gap between two tokens of a request."""
    decode_bytes_per_s: float | None = None
    """Bytes that a decode step must read over the mean gap."""


class Good(msgspec.Struct, frozen=True):
    """Requests of the measure phases that met every threshold of the session's objective, among all of them."""

    good: int
    sent: int

    @property
    def share(self) -> float:
        """A fraction."""
        return self.good / self.sent


class LoadView(msgspec.Struct, frozen=True, kw_only=True):
    """Of requests that are due by a schedule: how the load generator does, in the measure phases of the run."""

    lag_p99: float | None = None
    """Nanoseconds from due to sent, while the server could have taken the request. None of too few requests."""
    late: bool = False
    """Whether that is so much that the numbers are the generator's as well."""
    unserved: int = 0
    """Due, but not served when measuring ended."""


class SlowSample(msgspec.Struct, frozen=True):
    """A step or a request that took long."""

    start_ns: int
    """Of a request, when it was due."""
    wall_ns: int
    rank: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    """Name and nanoseconds of what it consists of, as far as that was measured."""
    events: tuple[Event, ...] = ()
    """What happened meanwhile."""


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the plan."""

    run: int
    workload: str
    title: str = ""
    """The workload, with what tells this run from the others of it in the same plan."""
    state: RunState = "planned"
    started: RunStarted | None = None
    """Its costs are those of the case that the numbers are of, where the run has cases."""
    phase: PhaseName | None = None
    phase_mark: str | None = None
    phase_began_ns: int | None = None
    measured_s: float = 0.0
    """Seconds in measure phases so far."""
    steps: int = 0
    """Steps, or requests, of the measure phases; of one rank, since all of them do the same steps."""
    kind: Literal["steps", "requests"] | None = None
    """None until the first sample arrives."""
    samples_per_s: float | None = None
    """Over the last seconds of measuring; over all of it once the run has ended."""
    tokens_per_s: float | None = None
    flops_per_s: float | None = None
    bytes_per_s: float | None = None
    """Counted: units a second × bytes per unit."""
    case: str | None = None
    """Of a run that measures several things: what rates and times are of. Once it has ended, the best of them."""
    cases: int = 0
    """How many of them were measured so far, the present one among them."""
    mfu: float | None = None
    """A fraction: flops_per_s over the device's published peak. None where none is published."""
    loss: float | None = None
    accuracy: float | None = None
    """Last held-out top-1, a fraction."""
    accuracy_samples: int | None = None
    bits_per_byte: float | None = None
    """Last one on held-out text."""
    told: Told | None = None
    """None where requests have no tokens."""
    decode_fraction: float | None = None
    """Its decode_bytes_per_s over the bandwidth that probes measured."""
    times: Quantiles | None = None
    parts: Parts | None = None
    ranks: tuple[RankView, ...] = ()
    """One each where there are several; rates above are then sums over them, parts and loss means."""
    slowest: Slowest | None = None
    dropped: int = 0
    message: str = ""
    """Why it failed or was skipped, in a line."""
    remedy: str = ""
    host: str = ""
    """Where its worker runs; empty until that has said so."""
    hfu: float | None = None
    """As mfu, with the operations that are really done, recomputation included; None where nobody counted them."""
    mfu_measured: float | None = None
    """flops_per_s over the peak that probes measured at this precision. None where none did."""
    bandwidth_fraction: float | None = None
    """bytes_per_s over the bandwidth that probes measured."""
    load: LoadView | None = None
    """None where requests are due when answers come: in a closed loop, one stream, or all at once."""
    devices: int = 1
    """That share its work; limits of a device are those of one of them."""
    good: Good | None = None
    """None where the session has no objective, or no request yet that it could be applied to."""
    rate: float | None = None
    """Requests a second that are due, on average; None where the load has no rate."""
    met: bool | None = None
    """Whether it met the objective, of a try of a search; None before that is judged."""
    verdict: str = ""
    """The judge's words about it."""
    verdicts: Verdicts | None = None
    """What limits it, as it was said last; None before anything was."""
    effects: tuple[Effect, ...] = ()
    """What each experiment has shown so far, in the order in which they were begun."""
    profiles: tuple[Profile, ...] = ()
    """The last ones that were taken of it, oldest first."""
    slow: tuple[SlowSample, ...] = ()
    """The slowest steps or requests of its measure phases, the slowest first."""

    @property
    def listened(self) -> bool:
        """Whether it is a command of the user's, of which is known what it tells alone."""
        return self.workload == WORKLOAD


class PointView(msgspec.Struct, frozen=True):
    """One repeat of a variant."""

    run: int
    repeat: int
    state: RunState
    value: float | None = None
    """Its headline, once it is done."""


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration that is measured several times."""

    variant: int
    title: str
    metric: str
    """The name of its headline."""
    label: str
    unit: str
    points: tuple[PointView, ...]
    """All repeats that are planned, in order."""
    estimates: tuple[Estimate, ...] = ()
    """What the judge said after each of them, the newest last."""

    @property
    def done(self) -> int:
        """Repeats that are done."""
        return sum(point.state == "done" for point in self.points)


class LogLine(msgspec.Struct, frozen=True):
    """One line of the log."""

    at_ns: int
    level: Level
    origin: str
    text: str
    run: int


MarkKind = Literal["experiment", "profile", "knob", "mark"]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that whoever reads the charts must know of: a knob that was turned, a stretch that is disturbed."""

    run: int
    kind: MarkKind
    from_ns: int
    to_ns: int | None = None
    """Where it ends: at `from_ns` for what takes no time; None while it goes on."""
    text: str = ""
    """A few words: `batch 64 to 128`, `bfloat16`."""

    @property
    def disturbed(self) -> bool:
        """Whether steps in it are not what the run is about."""
        return self.kind in ("experiment", "profile")


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The screen's one input."""

    name: str
    now_ns: int
    """The host's monotonic clock at this instant."""
    wall_offset_ns: int = 0
    """Add to a monotonic time to get wall time, nanoseconds since 1970, UTC."""
    host: str = ""
    state: SessionState = "starting"
    started_ns: int | None = None
    saved_bytes: int = 0
    """Size of the journal, or of the finished session."""
    runs: tuple[RunView, ...] = ()
    current: RunView | None = None
    """The run that is going on, or the last that did."""
    host_device: DeviceView = DeviceView(device="host")
    worker_device: DeviceView = DeviceView(device="worker")
    gpus: tuple[DeviceView, ...] = ()
    throughput: Series | None = None
    """Units a second of the current run, bucket by bucket; another run's units may be others."""
    bytes_per_s: Series | None = None
    """Counted bytes a second."""
    flops_per_s: Series | None = None
    """Counted floating-point operations a second."""
    time_p50: Series | None = None
    """Median step time or latency of the current run in each bucket, nanoseconds."""
    time_p99: Series | None = None
    loss: Series | None = None
    """Mean training loss in each bucket."""
    clock_error_ns: int | None = None
    """How far the clocks of other hosts may be off from the conductor's, at most; None: there is one host."""
    log: tuple[LogLine, ...] = ()
    """The last lines, oldest first."""
    notices: tuple[str, ...] = ()
    """What a person must know now, most urgent first: no reading for 12 s, no frame for 8 s, samples dropped."""
    catching_up: float | None = None
    """Fraction of the journal read so far, while an old session is being read; None once it is."""
    slo: str = ""
    """What requests must meet to be good, as it was typed; empty: nothing."""
    search: bool = False
    """Whether the session looks for the highest rate that meets that."""
    found: str = ""
    """What it found, in a line; empty before its end."""
    variants: tuple[VariantView, ...] = ()
    """None where nothing is repeated."""
    until: float | None = None
    """Repeats go on until the half-width of each headline's interval is at most this part of it."""
    rooflines: tuple[Roofline, ...] = ()
    """What probes measured, those of this session before those of earlier ones; one of each host and device."""
    marks: tuple[Mark, ...] = ()
    """What stands on the time axis of all charts: the last ones, oldest first."""
    played: Played | None = None
    """Where one is in a session that is played; None while that goes on, and before all of it is known."""

    @property
    def own_gpu(self) -> int | None:
        """Place among `gpus` of the first one that the workload's own processes are on; None: on none, or not known."""
        told = (gpu.readings.get("own_processes") for gpu in self.gpus)
        return next((place for place, reading in enumerate(told) if reading is not None and reading.value), None)


EMPTY = View(name="", now_ns=0)
"""What is drawn before the first frame."""
