"""The report on a variant: one configuration over all its runs. Computed by `variants`, printed by `variant_text`."""

from __future__ import annotations

import msgspec

from app.session.live.view import RunState
from app.session.results.caution import Caution
from app.session.results.interval import Interval
from workloads.wire.frames import Value


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a variant."""

    run: int
    repeat: int
    outcome: RunState
    value: float | None = None
    """Its headline; None where it is not done, or did not measure it."""


class MetricInterval(msgspec.Struct, frozen=True, kw_only=True):
    """One metric over the repeats that are done."""

    name: str
    label: str
    unit: str
    mean: Interval


class VariantSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration, over all runs of it."""

    variant: int
    title: str
    workload: str
    parameters: dict[str, Value] = {}
    """Those in which it differs from the others of its workload."""
    planned: int
    """Repeats that there were to be; with `--until`, at most."""
    done: int
    metric: str
    """The name of its headline."""
    label: str
    unit: str
    repeats: tuple[Repeat, ...]
    """In the order in which they were run."""
    mean: Interval | None = None
    """Of the headline over the repeats that are done. None: none of them is."""
    median: Interval | None = None
    """The same. The judge, who has no time to lose, leaves it out."""
    metrics: tuple[MetricInterval, ...] = ()
    """Every metric that all of them measured."""
    cautions: tuple[Caution, ...] = ()
