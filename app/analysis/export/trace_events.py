"""Rows of tables → events of the Trace Event Format, each one line of JSON, made in columns and not one by one.

Every `named` and table function gives what stands in `traceEvents`; times are microseconds since the session began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from app.analysis.export.asked import Window
from app.analysis.tables.schema import SAMPLE_END
from app.session.live.slow import PARTS
from app.session.plain import plain
from app.session.store.manifest import RunRecord
from workloads.wire.gauges import GAUGES

PHASES, VERDICTS, EVENTS, LOG = 1_000_001, 1_000_002, 1_000_003, 1_000_004
"""Threads of a run besides those of its ranks, which count from 1: a trace knows no thread 0."""
DEVICES: Final = 1_000_000
"""Processes of devices follow this one; those of runs are their numbers and one."""
MOST_NAMES: Final = 10_000
"""Threads and devices that are given a name; no session has more, unless it comes from a stranger."""
HAIR_US: Final = 0.0002
"""Older readers cut microseconds off to whole nanoseconds, newer ones round: with this both find the one that is meant,
and slices that follow each other do not overlap."""
LONGEST_NAME: Final = 120
STEP_FACTS: Final = ("samples", "tokens", "loss", "device_ns", "comm_ns", "sync_ns", "syncs", "h2d_bytes", "launches")

Event = dict[str, Any]


@dataclass(frozen=True)
class Clock:
    """The axis of time."""

    began_ns: int

    def at(self, instant: pl.Expr) -> pl.Expr:
        """Microseconds of an instant."""
        return self.length(instant - self.began_ns)

    @staticmethod
    def length(nanoseconds: pl.Expr) -> pl.Expr:
        """Microseconds of a length of time."""
        return (nanoseconds / 1000 + HAIR_US).round(4)

    def at_ns(self, instant_ns: int) -> float:
        """Microseconds of one instant."""
        return self.length_ns(instant_ns - self.began_ns)

    @staticmethod
    def length_ns(nanoseconds: int) -> float:
        """Microseconds of one length of time."""
        return round(nanoseconds / 1000 + HAIR_US, 4)


def named(what: str, pid: int, tid: int, name: str) -> Event:
    """What a process or a thread is called."""
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": plain(name)}}


def thread_names(tables: Mapping[str, pl.LazyFrame]) -> Iterator[Event]:
    """Of all threads that anything stands on."""
    ranks = tables["steps"].select("run", "rank").unique().head(MOST_NAMES).collect(engine="streaming")
    for run, rank in sorted(ranks.rows()):
        yield named("thread_name", run + 1, rank + 1, f"rank {rank}")
    for table, tid, name in (("events", EVENTS, "events"), ("logs", LOG, "log")):
        runs = tables[table].select("run").unique().head(MOST_NAMES).collect(engine="streaming")
        yield from (named("thread_name", run + 1, tid, name) for run in sorted(runs["run"]))


def run_events(runs: Iterable[RunRecord], window: Window, clock: Clock) -> Iterator[Event]:
    """Phases as slices, marks and primary verdicts as instants."""
    for record in runs:
        pid = record.run + 1
        yield named("thread_name", pid, PHASES, "phases")
        yield {"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": PHASES, "args": {"sort_index": -1}}
        ends = [phase.at_ns for phase in record.phases[1:]] + [record.measured_until_ns]
        for phase, end_ns in zip(record.phases, ends, strict=False):
            if not window.holds(phase.at_ns):
                continue
            at = {"pid": pid, "tid": PHASES, "ts": clock.at_ns(phase.at_ns)}
            facts = {"case": plain(phase.case)} if phase.case else {}
            if end_ns is not None and end_ns >= phase.at_ns:
                length = clock.length_ns(end_ns - phase.at_ns)
                yield {"ph": "X", "cat": "phase", "name": phase.phase, **at, "dur": length, "args": facts}
            if phase.mark:
                yield {"ph": "i", "s": "p", "cat": "mark", "name": plain(phase.mark), **at}
        if record.primaries:
            yield named("thread_name", pid, VERDICTS, "limited by")
        for verdict in record.primaries:
            if window.holds(verdict.at_ns):
                name = plain(verdict.kind) or "nothing found"
                at = {"pid": pid, "tid": VERDICTS, "ts": clock.at_ns(verdict.at_ns)}
                yield {"ph": "i", "s": "t", "cat": "verdict", "name": name, **at}


def step_events(steps: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """Steps, and in each its parts one after the other.

    That the parts come in this order is known, and how long they are; when each began is not told, so they are laid
    against each other from the step's start, and what is beyond its end is cut off.
    """
    place = {"pid": pl.col("run") + 1, "tid": pl.col("rank") + 1}
    phase = pl.col("phase").cast(pl.String)
    name = pl.when(phase == "measure").then(pl.lit("step")).otherwise(pl.concat_str(phase, pl.lit(" step")))
    facts = pl.struct(*STEP_FACTS)
    step = _json(
        ph=pl.lit("X"),
        **place,
        cat=pl.lit("step"),
        name=name.fill_null("step"),
        ts=clock.at(pl.col("start_ns")),
        dur=clock.length(pl.col("wall_ns")),
        args=facts,
    )
    end, begin, parts = SAMPLE_END["steps"], pl.col("start_ns"), []
    for part in PARTS:
        length = pl.min_horizontal(pl.col(f"{part}_ns"), end - begin)
        drawn = _json(
            ph=pl.lit("X"),
            **place,
            cat=pl.lit("part"),
            name=pl.lit(part.replace("_", " ")),
            ts=clock.at(begin),
            dur=clock.length(length),
            args=pl.struct(placed=pl.lit("in order; only its length is measured")),
        )
        parts.append(pl.when(pl.col(f"{part}_ns").is_not_null() & (length > 0)).then(drawn))
        begin = begin + pl.col(f"{part}_ns").fill_null(0)
    return steps.select(pl.concat_str(step, *parts, separator=",\n", ignore_nulls=True))


def request_events(requests: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """Requests from due to done: how late they were sent, how long they waited, and how long they were served."""
    outer = pl.col("scheduled_ns"), pl.col("done_ns")
    stretches = [
        ("not sent yet", pl.col("scheduled_ns"), pl.col("sent_ns")),
        ("queue", pl.col("sent_ns"), pl.col("started_ns")),
        ("service", pl.col("started_ns"), pl.col("done_ns")),
    ]
    facts = pl.struct("samples", "tokens", "rank", outcome=pl.col("outcome").cast(pl.String))
    inner = [
        pl.when(end > begin).then(_async(edge, name, at, clock))
        for name, begin, end in stretches
        for edge, at in (("b", begin), ("e", end))
    ]
    first, last = _async("b", "request", outer[0], clock, facts), _async("e", "request", outer[1], clock)
    return (
        requests.with_row_index("row")
        .filter(outer[1] >= outer[0])
        .select(pl.concat_str(first, *inner, last, separator=",\n", ignore_nulls=True))
    )


def token_events(requests: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """An instant for each token, inside its request."""
    times = pl.concat_list(pl.lit(0, dtype=pl.Int64), pl.col("itl_ns").list.eval(pl.element().cum_sum()))
    return (
        requests.with_row_index("row")
        .filter(pl.col("itl_ns").is_not_null() & (pl.col("done_ns") >= pl.col("scheduled_ns")))
        .select("row", "run", "first_ns", after=times)
        .explode("after")
        .select(_async("n", "token", pl.col("first_ns") + pl.col("after"), clock))
    )


def counter_events(gauges: pl.LazyFrame, clock: Clock) -> list[tuple[Event, pl.LazyFrame]]:
    """Of each device and source: the name of its process, and its readings."""
    sources = (
        gauges.group_by("device", "source")
        .agg(pl.col(name).count() for name in GAUGES)
        .sort("device", "source")
        .head(MOST_NAMES)
        .collect(engine="streaming")
    )
    devices: dict[str, int] = {}
    made = []
    for device, source, *counts in sources.iter_rows():
        pid = devices.setdefault(device, DEVICES + 1 + len(devices))
        read = [name for name, count in zip(GAUGES, counts, strict=True) if count]
        made.append(
            (named("process_name", pid, 0, device or "?"), _readings(gauges, (device, source), pid, read, clock))
        )
    return made


def _readings(
    gauges: pl.LazyFrame, of: tuple[str | None, str | None], pid: int, names: Sequence[str], clock: Clock
) -> pl.LazyFrame:
    device, source = of
    event = _json(
        ph=pl.lit("C"),
        pid=pl.lit(pid),
        name=pl.concat_str("gauge", pl.lit(f" ({plain(source or '?')})")),
        ts=clock.at(pl.col("at_ns")),
        args=pl.struct(value="value"),
    )
    return (
        gauges.filter(pl.col("device").eq_missing(device) & pl.col("source").eq_missing(source))
        .select("at_ns", *names)
        .unpivot(on=names, index="at_ns", variable_name="gauge")
        .filter(pl.col("value").is_finite())
        .select(event)
    )


def event_events(events: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """What happened now and then: with a length as asynchronous slices, since they may overlap; else as instants."""
    kind = pl.col("kind").cast(pl.String).fill_null("?")
    facts = pl.struct("text", "rank")
    instant = _json(
        ph=pl.lit("i"),
        s=pl.lit("t"),
        pid=pl.col("run") + 1,
        tid=pl.lit(EVENTS),
        cat=pl.lit("event"),
        name=kind,
        ts=clock.at(pl.col("at_ns")),
        args=facts,
    )
    begin = _async("b", kind, pl.col("at_ns"), clock, facts, category="event")
    end = _async("e", kind, pl.col("at_ns") + pl.col("wall_ns"), clock, category="event")
    slices = pl.concat_str(begin, end, separator=",\n")
    return events.with_row_index("row").select(pl.when(pl.col("wall_ns") > 0).then(slices).otherwise(instant))


def log_events(logs: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """Lines of the log."""
    event = _json(
        ph=pl.lit("i"),
        s=pl.lit("t"),
        pid=pl.col("run") + 1,
        tid=pl.lit(LOG),
        cat=pl.lit("log"),
        name=pl.col("text").str.slice(0, LONGEST_NAME).fill_null("?"),
        ts=clock.at(pl.col("at_ns")),
        args=pl.struct("text", "origin", "rank", level=pl.col("level").cast(pl.String)),
    )
    return logs.select(event)


def _async(
    edge: str,
    name: str | pl.Expr,
    at: pl.Expr,
    clock: Clock,
    facts: pl.Expr | None = None,
    *,
    category: str = "request",
) -> pl.Expr:
    """The beginning, the end or an instant of an asynchronous slice; `row` tells it from the others."""
    given = {} if facts is None else {"args": facts}
    return _json(
        ph=pl.lit(edge),
        cat=pl.lit(category),
        id=pl.concat_str(pl.lit(category[0]), pl.col("row").cast(pl.String)),
        pid=pl.col("run") + 1,
        tid=pl.lit(1),
        name=pl.lit(name) if isinstance(name, str) else name,
        ts=clock.at(at),
        **given,
    )


def _json(**fields: pl.Expr) -> pl.Expr:
    """One object as text, whatever is in its texts. Null where it has no instant, or no length."""
    made = pl.struct(*(value.alias(name) for name, value in fields.items())).struct.json_encode()
    return pl.when(fields["ts"].is_not_null() & fields.get("dur", pl.lit(0)).is_not_null()).then(made)
