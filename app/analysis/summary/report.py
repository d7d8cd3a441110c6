"""The report on a session: what `show` says, as frozen structs. Computed by `summary`, printed by `text`.

Everything is over the measure phases alone. Nothing here reads or computes.
"""

from __future__ import annotations

import msgspec

from app.analysis.energy.making import Energy
from app.analysis.machine.state import MachineState
from app.analysis.summary.clocks import ClockSummary
from app.analysis.summary.gauge_summary import ClockEventShare, GaugeSummary
from app.analysis.summary.goodput import Goodput
from app.analysis.summary.overheads import OverheadReport
from app.analysis.summary.rooflines import RooflineReport
from app.analysis.summary.saturation import Saturation
from app.analysis.summary.steadiness import Steady
from app.analysis.tables.damage import DamagedFile
from app.analysis.variants.report import VariantSummary
from app.analysis.variants.tradeoff_report import TradeOff
from app.session.live.view import RunState
from app.session.results.caution import Caution
from app.session.results.search import SearchResult
from app.session.store.manifest import Recovery
from workloads.wire.frames import DeviceFacts, Failure, Finding, IdleBaseline, Outcome, RunStarted, Verdict


class EarlyStopping(msgspec.Struct, frozen=True, kw_only=True):
    """MLPerf's estimate of a percentile from a sample: see `statistics.early_stopping`."""

    needs: int
    """Samples without which there is no estimate, and a percentile above the median is no number."""
    at_most_ms: float | None = None
    """The percentile is not above this with 99 % confidence. None: there are fewer samples."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Step time, or latency of requests from when they were due, in milliseconds; quantiles interpolate linearly.

    A percentile is None where the sample is too small to carry it; the median is always there.
    """

    kind: str
    """`step time` or `latency`."""
    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    p99_9_ms: float | None = None
    max_ms: float
    early_stopping: dict[str, EarlyStopping] = {}
    """Of each percentile, by its name: `p99.9`."""


class StepParts(msgspec.Struct, frozen=True, kw_only=True):
    """Mean milliseconds a step. None: this workload has no such part, or it was not measured."""

    data_wait_ms: float | None = None
    h2d_ms: float | None = None
    forward_ms: float | None = None
    backward_ms: float | None = None
    optimizer_ms: float | None = None
    device_ms: float | None = None
    comm_ms: float | None = None
    """A part of backward: communication with other ranks that the step waits for."""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """Of the answered requests of the measure phases that have tokens."""

    ttft: Times
    """Time to first token, from the instant at which a request was due. One that was never served counts as no faster
    than the end of the run."""
    tpot: Times | None = None
    """Time per output token: a request's time after its first token over its further tokens. None: one token each."""
    itl: Times | None = None
    """Inter-token latency: every gap between two tokens of a request. None where they were not told."""
    decode_bytes_per_s: float | None = None
    """Bytes that a decode step must read ÷ the mean gap."""
    ttft_from_send: Times | None = None
    """Time to first token, from the instant at which a request was sent; the same as `ttft` in a closed loop."""
    tpot_from_schedule: Times | None = None
    """Latency from schedule over all tokens, which is called normalized latency (Yu et al., Orca, OSDI 2022)."""
    decode_fraction: float | None = None
    """The same as a part of the bandwidth that a copy reached on this device."""


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One of the things that a run measured one after the other, over its own measure phases."""

    name: str
    count: int
    """Steps; of one rank, since all of them do the same steps."""
    measured_s: float
    units: int
    units_per_s: float | None = None
    flops_per_unit: float | None = None
    bytes_per_unit: float | None = None
    flops_per_s: float | None = None
    bytes_per_s: float | None = None
    mfu: float | None = None
    """A fraction: flops_per_s ÷ the device's published dense peak; None where none is published."""
    bytes_of_limit: float | None = None
    """A fraction: bytes_per_s ÷ what the link between host and device can carry in one direction."""
    p50_ms: float | None = None
    """Of its steps, in milliseconds."""


class RankSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One rank of several. Times are means of a step."""

    rank: int
    samples_per_s: float | None = None
    """Of this rank; the run's is the sum."""
    step_ms: float | None = None
    own_ms: float | None = None
    """Its own work: the step without the communication that it waits for. None where that was not measured."""
    comm_ms: float | None = None
    data_wait_ms: float | None = None


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    run: int
    workload: str
    title: str = ""
    """The workload, with what tells this run from the others of it in the same plan."""
    outcome: RunState
    """`running` and `planned` only where the session was still running."""
    reason: str = ""
    """One line: why an optional run was skipped."""
    started: RunStarted | None = None
    """The whole configuration."""
    failure: Failure | None = None
    dropped: int = 0
    """Samples that are missing because they came faster than they could be sent."""
    measured_s: float = 0.0
    samples: int = 0
    """Units of work that were done: those of failed requests are not."""
    samples_per_s: float | None = None
    """samples ÷ measured_s; of a run with cases, units a second of the best of them."""
    tokens_per_s: float | None = None
    flops_per_s: float | None = None
    """samples_per_s × the FLOPs of a unit."""
    mfu: float | None = None
    """A fraction: flops_per_s ÷ the published dense peak of all its devices; None where none is published."""
    counted_bytes_per_s: float | None = None
    """samples_per_s × the bytes of a unit."""
    times: Times | None = None
    """Of steps, else of requests, from the instant at which each was due. One that was never served counts as no
    faster than the end of the run; one that failed does not count."""
    times_from_send: Times | None = None
    """Of answered requests, from the instant at which each was sent; the same in a closed loop."""
    queue: Times | None = None
    """Of answered requests, from sending to the start of the batch that each was served in."""
    service: Times | None = None
    """Of answered requests, from the start of that batch to the answer."""
    lag: Times | None = None
    """Of all requests of a schedule: how late the load generator sent them while the server could have taken them."""
    parts: StepParts | None = None
    data_wait_fraction: float | None = None
    """Sum of data wait ÷ sum of step time."""
    failed_requests: int | None = None
    unserved_requests: int | None = None
    """Due, but not served when the run ended."""
    loss: float | None = None
    """Of the last measured step; the mean over ranks."""
    held_out_loss: float | None = None
    """The last one on held-out data."""
    held_out_loss_samples: int | None = None
    accuracy: float | None = None
    """Last held-out top-1, a fraction."""
    accuracy_samples: int | None = None
    energy: tuple[Energy, ...] = ()
    """Of each accelerator that gives it."""
    gauges: tuple[GaugeSummary, ...] = ()
    clock_events: tuple[ClockEventShare, ...] = ()
    hfu: float | None = None
    """As mfu, with the operations that are really done, recomputation included; None where nobody counted them."""
    mfu_measured: float | None = None
    """A fraction: flops_per_s ÷ the peak that probes measured at this precision; None where none did."""
    bandwidth_fraction: float | None = None
    """counted_bytes_per_s ÷ the bandwidth that probes measured."""
    measured_by: str | None = None
    """The newest session whose probes measured that; None where none did."""
    bits_per_byte: float | None = None
    """The last one on held-out text."""
    bits_per_byte_samples: int | None = None
    """Tokens that it rests on."""
    generation: Generation | None = None
    cases: tuple[CaseSummary, ...] = ()
    """Of a run that measured several things. Their costs differ: the run's rates are then those of its best case."""
    best_case: str | None = None
    """Its name: the one with the most FLOP/s where they are counted, else bytes, else units a second."""
    limit_bytes_per_s: float | None = None
    """Of the link between host and device in one direction, for a run whose bytes move over it."""
    ranks: tuple[RankSummary, ...] = ()
    """One each where there are several, but none of a run with cases: its steps are not of one kind. Rates above are
    sums over them, times of all their steps."""
    state: MachineState | None = None
    """Of the machine while it was measured; None where nothing was read then."""
    goodput: Goodput | None = None
    """Of a run that serves, where the session has an objective."""
    saturation: Saturation | None = None
    """The queue grew without bound; None: it did not, or the run followed no schedule."""
    cautions: tuple[Caution, ...] = ()
    """What a reader of these numbers must be warned of."""
    steady: Steady | None = None
    """Of its measured steps; None of a run with cases, of requests, and of so few that nothing can be said."""
    primary: Verdict | None = None
    """What limited it above all, over all that it measured; of its last seconds where it still runs. `why` tells more;
    None: nothing was found, or nothing was looked into."""
    exit_status: int | None = None
    """Of a command of the user's, negative for a signal."""
    elsewhere: tuple[str, ...] = ()
    """Accelerators that it had no process on, which therefore are in none of these numbers."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One session."""

    name: str
    outcome: Outcome
    running: bool = False
    started_ns: int
    """Wall time, nanoseconds since 1970, UTC."""
    ended_ns: int
    host: str = ""
    platform: str | None = None
    cpu: str | None = None
    devices: tuple[DeviceFacts, ...] = ()
    runs: tuple[RunSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    recovery: Recovery | None = None
    absent: dict[str, dict[str, str]] = {}
    """Device → gauge → why it never gave a reading."""
    rooflines: tuple[RooflineReport, ...] = ()
    """What the session's own probes measured, device by device."""
    via: str = ""
    """The command behind which it was run on another host; empty: there was none."""
    clocks: tuple[ClockSummary, ...] = ()
    """Of other hosts."""
    tradeoffs: tuple[TradeOff, ...] = ()
    """What the speed of each variant of a sweep cost in accuracy."""
    search: SearchResult | None = None
    """What a search found; None of a session that is none."""
    variants: tuple[VariantSummary, ...] = ()
    """Each configuration over its repeats; none where nothing was repeated or swept."""
    overhead: OverheadReport | None = None
    """benchtop's own cost."""
    idle: IdleBaseline | None = None
    """What the devices took before the first run; None: it was not measured."""
    damaged: tuple[DamagedFile, ...] = ()
    """Files of it that cannot be read; what rests on them is None or absent."""
    remade: str = ""
    """What had happened to its manifest, which was lost and made again of the other files."""
