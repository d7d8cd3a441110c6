"""The five tables of frames, lazily: samples are read again from them whenever they are needed, in bounded chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import polars as pl
from polars.io.plugins import register_io_source

from app.analysis.finishing.facts import Facts, RunFacts
from app.analysis.tables.readings import Lifetime
from app.analysis.tables.samples import Phases, request_chunks, step_chunks
from app.analysis.tables.schema import REQUESTS, STEPS, Schema
from workloads.wire.frames import AnyFrame, Phase

Tables = Mapping[str, pl.LazyFrame]
"""By the names of `app.session.store.folder.TABLES`."""

_Chunks = Callable[[Iterable[AnyFrame], Phases], Iterator[pl.DataFrame]]


def tables_of(frames: Callable[[], Iterable[AnyFrame]], facts: Facts) -> dict[str, pl.LazyFrame]:
    """The tables of a journal; `frames` starts a reading of it, `facts` is what an earlier reading found."""
    return {**sample_tables(frames, facts, phases_of(facts)), **_few(facts)}


def sample_tables(frames: Callable[[], Iterable[AnyFrame]], facts: Facts, phases: Phases) -> dict[str, pl.LazyFrame]:
    """Steps and requests alone, of frames with these facts, labelled by phases that may be known from elsewhere."""
    return {
        "steps": _lazily(step_chunks, frames, phases, STEPS) if facts.steps else _empty(STEPS),
        "requests": _lazily(request_chunks, frames, phases, REQUESTS) if facts.requests else _empty(REQUESTS),
    }


def tables_in_memory(frames: Callable[[], Iterable[AnyFrame]], facts: Facts) -> dict[str, pl.LazyFrame]:
    """The same, read at once: for a journal that may grow or be removed while it is asked."""
    phases = phases_of(facts)
    return {
        "steps": pl.concat([pl.DataFrame(schema=STEPS), *step_chunks(frames(), phases)]).lazy(),
        "requests": pl.concat([pl.DataFrame(schema=REQUESTS), *request_chunks(frames(), phases)]).lazy(),
        **_few(facts),
    }


def phases_of(facts: Facts) -> dict[int, list[Phase]]:
    """Each run's phases in order of time."""
    return {number: in_order(run.phases) for number, run in facts.runs.items()}


def _few(facts: Facts) -> dict[str, pl.LazyFrame]:
    """The tables whose rows were kept when the facts were read: there are few of them."""
    return {
        "gauges": facts.gauges.table(lifetimes(facts.runs)).lazy(),
        "logs": facts.logs.table().lazy(),
        "events": facts.events.table().lazy(),
    }


def in_order(phases: Sequence[Phase]) -> list[Phase]:
    """Phases by the instant at which they begin."""
    return sorted(phases, key=lambda phase: phase.at_ns)


def lifetimes(runs: Mapping[int, RunFacts]) -> list[Lifetime]:
    """When each run was going on, in order of time."""
    lives = [
        Lifetime(number, run.began_ns, run.done.at_ns if run.done else run.last_ns)
        for number, run in runs.items()
        if run.began_ns is not None
    ]
    return sorted(lives, key=lambda lifetime: lifetime.began_ns)


def _empty(schema: Schema) -> pl.LazyFrame:
    return pl.LazyFrame(schema=schema)


def _lazily(chunks: _Chunks, frames: Callable[[], Iterable[AnyFrame]], phases: Phases, schema: Schema) -> pl.LazyFrame:
    def read(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        left = most
        for chunk in chunks(frames(), phases):
            given = chunk if left is None else chunk.head(left)
            left = None if left is None else left - len(given)
            given = given if predicate is None else given.filter(predicate)
            yield given if columns is None else given.select(columns)
            if left == 0:
                return

    return register_io_source(read, schema=schema)
