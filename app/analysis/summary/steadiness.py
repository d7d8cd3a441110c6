"""How much of what was measured was not steady yet, and what a run does from there on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import polars as pl

from app.analysis.statistics.steady import LEAST, Found, Medians, steady_medians, steady_state
from app.analysis.summary.headline import NS_A_S
from app.session.results.caution import Caution
from app.text.numbers import percent


class Steady(msgspec.Struct, frozen=True, kw_only=True):
    """Where the steady state of the measured steps begins, by the rule of `statistics.steady`."""

    reached: bool
    steps: int
    """Measured; of one rank, since all of them do the same steps."""
    steps_before: int
    """Those before the last level of step time, or before it began to drift."""
    seconds_before: float
    """Measured until then."""
    samples_per_s: float | None = None
    """From then on. None where there was no steady state."""
    drift: float | None = None
    """By how much step time rises from there to the end of the run, a part of its mean, where it does not settle."""


def steady_of(steps: pl.LazyFrame, windows: Sequence[tuple[int, int]]) -> Steady | None:
    """Of measured steps and the measure phases, nanoseconds. None of so few steps that nothing can be said."""
    first = pl.col("rank") == pl.col("rank").min()
    series = steps.filter(first).select("start_ns", "wall_ns").collect(engine="streaming")
    if len(series) < LEAST:
        return None
    if not series["start_ns"].is_sorted():
        series = series.sort("start_ns")
    found = steady_state(series["wall_ns"].to_numpy())
    return None if found is None else _steady(steps, windows, found, len(series), lambda step: series["start_ns"][step])


def steady_of_many(steps: pl.LazyFrame, windows: Sequence[tuple[int, int]], medians: Medians) -> Steady | None:
    """The same of steps that lie in order, and whose medians are known."""
    found = steady_medians(medians)
    of_first = steps.filter(pl.col("rank") == pl.col("rank").min()).select("start_ns")

    def start_of(step: int) -> int:
        return int(of_first.slice(step, 1).collect(engine="streaming").item())

    return None if found is None else _steady(steps, windows, found, medians.count, start_of)


def _steady(
    steps: pl.LazyFrame,
    windows: Sequence[tuple[int, int]],
    found: Found,
    count: int,
    start_of: Callable[[int], int],
) -> Steady:
    """`count`: steps of one rank; `start_of`: when one of these began."""
    at_ns = start_of(found.first) if found.first else min((begin for begin, _ in windows), default=0)
    after_s = sum(max(0, end - max(begin, at_ns)) for begin, end in windows) / NS_A_S
    whole_s = sum(end - begin for begin, end in windows) / NS_A_S
    done = steps.filter(pl.col("start_ns") >= at_ns) if found.first else steps
    samples = done.select(pl.col("samples").sum()).collect(engine="streaming").item()
    return Steady(
        reached=found.reached,
        steps=count,
        steps_before=found.first,
        seconds_before=whole_s - after_s,
        samples_per_s=samples / after_s if found.reached and after_s else None,
        drift=found.drift,
    )


def steady_cautions(run: int, steady: Steady | None, *, own: bool = True) -> tuple[Caution, ...]:
    """Of a run that did not settle. `own`: of a workload of benchtop's, which is told how long it is to last."""
    if steady is None or steady.reached:
        return ()
    if steady.drift is None:
        message = f"step time changed as late as at step {steady.steps_before + 1:,} of {steady.steps:,}"
    else:
        turn = "rose" if steady.drift > 0 else "fell"
        since = f" from step {steady.steps_before + 1:,} on" if steady.steps_before else ""
        message = f"step time {turn} by {percent(100 * abs(steady.drift))}{since} and had not settled at the end"
    return (
        Caution(
            kind="no-steady-state",
            message=f"no steady state: {message}",
            remedy="warm up for longer with --warmup, and measure for longer with --duration"
            if own
            else "let the command run for longer",
            run=run,
        ),
    )
