"""The variants of a session as it goes on: every repeat that is done, and what the judge last said of them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from app.session.live.view import PointView, RunView, VariantView
from app.session.planning.plan import Plan
from app.session.results.metrics import BY_NAME, headline_name
from app.session.results.titles import variant_titles
from app.text.units import units_of
from workloads.wire.frames import Estimate

KEPT = 256
"""Estimates of a variant that are kept, the newest."""


class LiveVariants:
    """Knows the plan, and takes what the judge says."""

    def __init__(self, plan: Plan) -> None:
        runs = [run for run in plan.runs if run.variant]
        several = any(run.repeat > 1 for run in runs)
        self._titles = variant_titles(runs) if several else {}
        """None where nothing is repeated."""
        self._runs = {variant: [run for run in runs if run.variant == variant] for variant in sorted(self._titles)}
        self._said: dict[int, deque[Estimate]] = {variant: deque(maxlen=KEPT) for variant in self._titles}

    def take(self, frame: Estimate) -> None:
        """The judge has spoken. What it says of a variant that is not planned is left out."""
        if (said := self._said.get(frame.variant)) is not None:
            said.append(frame)

    def view(self, runs: Mapping[int, RunView]) -> tuple[VariantView, ...]:
        """As they stand; `runs` are all runs of the plan by number. None where nothing is repeated."""
        return tuple(self._variant(variant, runs) for variant in self._runs)

    def _variant(self, variant: int, runs: Mapping[int, RunView]) -> VariantView:
        planned, said = self._runs[variant], self._said[variant]
        done = next((view for run in planned if (view := runs[run.run]).state == "done"), None)
        name = said[-1].metric if said else _headline(done)
        metric = BY_NAME.get(name) or BY_NAME["samples_per_s"]
        unit = f"{units_of(done.started)}/s" if metric.name == "samples_per_s" and done else metric.unit
        return VariantView(
            variant=variant,
            title=self._titles[variant],
            metric=metric.name,
            label=metric.label,
            unit=unit,
            points=tuple(
                PointView(run.run, run.repeat, view.state, _value(metric.name, view) if view.state == "done" else None)
                for run in planned
                for view in (runs[run.run],)
            ),
            # Of another metric than the last they would stand on another axis.
            estimates=tuple(each for each in said if each.metric == name),
        )


def _headline(run: RunView | None) -> str:
    if run is None:
        return "samples_per_s"
    return headline_name(
        run.started,
        tokens_per_s=run.tokens_per_s,
        cases=run.case is not None,
        flops_per_s=run.flops_per_s,
        bytes_per_s=run.bytes_per_s,
    )


def _value(metric: str, run: RunView) -> float | None:
    """As the live screen knows it: rates exactly, times within 0.8 %."""
    times = run.times
    match metric:
        case "samples_per_s" | "tokens_per_s" | "flops_per_s":
            value: float | None = getattr(run, metric)
            return value
        case "counted_bytes_per_s":
            return run.bytes_per_s
        case "latency_p50_ms" | "step_p50_ms":
            return None if times is None else times.p50 / 1e6
        case "latency_p99_ms" | "step_p99_ms":
            return None if times is None else times.p99 / 1e6
        case _:
            return None
