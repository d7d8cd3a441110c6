"""A comparison, ready to be shown: what differs, and what it comes to. Computed in `app.analysis.compare`.

Every pair is of one workload; the base is always the first that was named. Ratios are other ÷ base.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.session.results.caution import Caution
from app.session.results.interval import Interval

Verdict = Literal["better", "worse", "same", "cannot tell"]
Standing = Literal["meant", "accepted", "not meant", "not known"]
"""Of a difference: the variable under test; one that `--accept` names; one that makes two results not comparable; or
one that was not written down on one side, so that nobody knows whether it is one."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of those that are compared."""

    label: str
    """`A`, `B` …"""
    session: str
    variant: int = 0
    """Which of the session's configurations; 0: all of them."""
    began_ns: int = 0
    """Wall time."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not the same."""

    name: str
    """By which `--accept` calls it."""
    base: str | None
    other: str | None
    """None: it was not set, or it is not known."""
    effect: str
    """What it is likely to do, in a few words."""
    standing: Standing
    group: str = ""
    """`packages`, `environment` …, by which `--accept` calls all of one kind."""


class MetricComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of two groups of runs."""

    name: str
    """As in `metrics`; its unit is its ending."""
    label: str
    unit: str
    higher_is_better: bool
    base: tuple[float, ...]
    """Of each run."""
    other: tuple[float, ...]
    ratio: Interval
    paired: bool
    """Run by run, since they were interleaved in one session."""
    verdict: Verdict
    why: str = ""
    """Where nothing can be told: what is missing."""


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Every measured step or request of both, on one axis."""

    kind: str
    """`step time` or `latency`."""
    low_ms: float
    high_ms: float
    """The ends of the axis; what lies beyond them is few."""
    log: bool
    """Whether equal steps on the axis are equal ratios."""
    base: tuple[float, ...]
    other: tuple[float, ...]
    """The share of the samples in each of so many equal parts of the axis."""
    quantiles: tuple[tuple[float, float, float], ...]
    """(share, base in ms, other in ms)."""


class PartComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the mean step, milliseconds; the mean over runs."""

    name: str
    base_ms: float | None
    other_ms: float | None

    @property
    def ratio(self) -> float | None:
        """Other ÷ base; None where there is none."""
        return self.other_ms / self.base_ms if self.base_ms and self.other_ms is not None else None


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A gauge over the measured part of one run of each, in equal parts of an axis from 0; None: no reading."""

    span: float
    """Where the axis ends: seconds, or steps."""
    base: tuple[float | None, ...]
    other: tuple[float | None, ...]


class GaugeComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge of one device: means over the measure phases, and the mean of those over runs."""

    device: str
    name: str
    """As in `workloads.wire.gauges`; its unit is its ending."""
    base: float | None
    other: float | None
    by_time: Curve | None = None
    by_step: Curve | None = None

    @property
    def ratio(self) -> float | None:
        """Other ÷ base; None where there is none."""
        return self.other / self.base if self.base and self.other is not None else None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One workload, measured twice."""

    workload: str
    base_label: str
    other_label: str
    base_title: str
    other_title: str
    base_runs: int
    other_runs: int
    differences: tuple[Difference, ...] = ()
    metrics: tuple[MetricComparison, ...] = ()
    distribution: Distribution | None = None
    parts: tuple[PartComparison, ...] = ()
    gauges: tuple[GaugeComparison, ...] = ()

    @property
    def telling_gauges(self) -> tuple[GaugeComparison, ...]:
        """Those that say something; what is 0 on both sides does not."""
        return tuple(gauge for gauge in self.gauges if gauge.base or gauge.other)

    @property
    def blocking(self) -> tuple[Difference, ...]:
        """Those that make the two not comparable."""
        return tuple(difference for difference in self.differences if difference.standing == "not meant")


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    within: float
    """The part of 1 within which two are called the same."""
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    alone: tuple[str, ...] = ()
    """What only one side has, in words."""
    cautions: tuple[Caution, ...] = ()
    failed: tuple[str, ...] = ()
    """Conditions of `--fail-if` that are met, in words."""
    undecided: tuple[str, ...] = ()
    """Conditions of `--fail-if` about which nothing can be told, in words."""
