"""What `show` says, as numbers. Made by `summarise`; text is made of it in `text`.

Everything is over the measure phases of a run, and over every sample in them. None: not measured.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.analysis.load import State
from app.session.manifest import Headline, Recovery
from workloads.wire.frames import Failure, Finding, Fingerprint, Outcome, Phase, RunStarted, Source


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Of step time or latency, milliseconds. Percentiles are exact: linear between the two nearest samples."""

    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p99_9_ms: float
    max_ms: float


class PartTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Mean of each part of a step (or of a request's batch), milliseconds, over the samples that have the part."""

    data_wait_ms: float | None = None
    h2d_ms: float | None = None
    forward_ms: float | None = None
    backward_ms: float | None = None
    optimizer_ms: float | None = None
    device_ms: float | None = None


class GaugeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge of one device: plain mean and largest of the readings within the measure phases."""

    gauge: str
    source: Source
    mean: float
    peak: float
    readings: int


class DeviceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One device during the measure phases of one run."""

    device: str
    name: str | None = None
    gauges: tuple[GaugeSummary, ...] = ()
    """Without `energy_j`, which only grows, and `clock_event_reasons`, which is no number."""
    clock_event_reasons: int | None = None
    """Every reason that was in force at some reading, as one bit mask."""


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """What one device took during the measure phases."""

    device: str
    joules: float
    method: Literal["counter", "power"]
    """`counter`: difference of the device's energy counter; `power`: integral of its power readings, trapezoids."""
    joules_per_unit: float | None = None
    """joules / samples."""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    run: int
    workload: str
    outcome: Outcome | Literal["running"]
    started: RunStarted | None = None
    """The whole configuration."""
    kind: Literal["steps", "requests"] | None = None
    count: int = 0
    """Steps or requests."""
    failed_requests: int = 0
    samples: int = 0
    """Units of work."""
    tokens: int | None = None
    measured_s: float = 0.0
    """Length of the measure phases together."""
    samples_per_s: float | None = None
    """samples / measured_s"""
    tokens_per_s: float | None = None
    """tokens / measured_s"""
    times: Times | None = None
    """Step time, or latency from the instant at which a request was due."""
    latency_from_send: Times | None = None
    data_wait_fraction: float | None = None
    """Sum of data waits / sum of step times, over the steps that have both."""
    parts: PartTimes = PartTimes()
    flops_per_s: float | None = None
    """samples_per_s × flops_per_unit"""
    mfu: float | None = None
    """flops_per_s / limit_flops_per_s, a fraction; None where no limit is published."""
    counted_bytes_per_s: float | None = None
    """samples_per_s × bytes_per_unit"""
    dram_bytes_per_s: float | None = None
    """Mean of the gauge of the device that the run was on, to hold against the counted rate."""
    dram_device: str | None = None
    accuracy: float | None = None
    """Last held-out top-1, a fraction."""
    accuracy_samples: int | None = None
    loss: float | None = None
    """Of the last measured training step."""
    devices: tuple[DeviceSummary, ...] = ()
    energy: tuple[Energy, ...] = ()
    dropped: int = 0
    """Samples that the worker could not send in time; they are in no number."""
    failure: Failure | None = None
    headline: Headline = Headline()
    phases: tuple[Phase, ...] = ()


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One session."""

    name: str
    path: str
    state: State
    outcome: Outcome | Literal["running"]
    started_ns: int
    """Wall time, nanoseconds since 1970, UTC."""
    ended_ns: int
    host: str = ""
    fingerprint: Fingerprint = Fingerprint()
    """What conductor, sampler and workers know together."""
    runs: tuple[RunSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    unknown: int = 0
    recovery: Recovery | None = None
