"""How each metric is read off the summary of a run, and which of them stands for the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from app.analysis.energy.making import is_host
from app.analysis.summary.report import RunSummary, Times
from app.session.results.metrics import METRICS as ALL
from app.session.results.metrics import Better, headline_name

Read = Callable[[RunSummary], float | None]


class Metric(NamedTuple):
    """One number of a run; see `app.session.results.metrics`."""

    name: str
    label: str
    unit: str
    """Empty: it has none."""
    better: Better
    read: Read
    """None: the run has no such number, or it was not measured."""


def _field(name: str) -> Read:
    def read(run: RunSummary) -> float | None:
        value = getattr(run, name)
        return None if value is None else float(value)

    return read


def _quantile(name: str, of: Callable[[RunSummary], Times | None]) -> Read:
    def read(run: RunSummary) -> float | None:
        times = of(run)
        # The steps of different cases are not of one kind.
        value = getattr(times, name) if times is not None and not run.cases else None
        return None if value is None else float(value)

    return read


def _samples_per_s(run: RunSummary) -> float | None:
    """None where the best case was chosen by FLOP/s or bytes: that of another run may be of other units."""
    return None if run.cases and (run.flops_per_s or run.counted_bytes_per_s) else run.samples_per_s


def _steps(run: RunSummary) -> Times | None:
    return run.times if run.times is not None and run.times.kind == "step time" else None


def _latency(run: RunSummary) -> Times | None:
    return run.times if run.times is not None and run.times.kind != "step time" else None


def _told(name: str) -> Callable[[RunSummary], Times | None]:
    return lambda run: getattr(run.generation, name) if run.generation is not None else None


def _joules(run: RunSummary) -> float | None:
    """Of all accelerators together; None where one of them does not give it."""
    each = [energy.joules_per_sample for energy in run.energy if not is_host(energy.device)]
    known = [joules for joules in each if joules is not None]
    return sum(known) if known and len(known) == len(each) else None


_READ: Final[dict[str, Read]] = {
    "samples_per_s": _samples_per_s,
    **{f"step_{name}": _quantile(name, _steps) for name in ("p50_ms", "p99_ms")},
    **{f"latency_{name}": _quantile(name, _latency) for name in ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p99_9_ms")},
    **{f"latency_from_send_{name}": _quantile(name, lambda run: run.times_from_send) for name in ("p50_ms", "p99_ms")},
    **{
        f"{kind}_{name}": _quantile(name, _told(kind))
        for kind in ("ttft", "tpot", "itl")
        for name in ("p50_ms", "p99_ms")
    },
    "joules_per_sample": _joules,
    "good_per_s": lambda run: run.goodput.per_s if run.goodput is not None else None,
}
"""The others are fields of the summary by the same name."""

METRICS: Final = tuple(
    Metric(each.name, each.label, each.unit, each.better, _READ.get(each.name) or _field(each.name)) for each in ALL
)
"""In the order in which they are told."""

BY_NAME: Final = {metric.name: metric for metric in METRICS}


def headline_metric(run: RunSummary) -> Metric:
    """The metric that stands for a run."""
    return BY_NAME[
        headline_name(
            run.started,
            tokens_per_s=run.tokens_per_s,
            cases=bool(run.cases),
            flops_per_s=run.flops_per_s,
            bytes_per_s=run.counted_bytes_per_s,
        )
    ]
