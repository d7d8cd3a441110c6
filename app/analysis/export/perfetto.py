"""A session as one trace for Perfetto (ui.perfetto.dev) and chrome://tracing: everything on one axis of time.

The Trace Event Format, gzipped: runs are processes and their ranks threads; steps are slices with their parts inside;
requests are asynchronous slices, with their time in the queue, their service and their tokens inside; gauges are
counters, a process for each device; phases, marks, events, verdicts and log lines stand beside them.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from typing import IO, Any, Final, cast

import msgspec
import polars as pl

from app.analysis.export.asked import Asked, Window, began_ns, cut_tables, wall_ns, window_of
from app.analysis.export.newest import newest
from app.analysis.export.place import STDOUT, file_at, stdout
from app.analysis.export.trace_events import (
    Clock,
    counter_events,
    event_events,
    log_events,
    named,
    request_events,
    run_events,
    step_events,
    thread_names,
    token_events,
)
from app.analysis.load import Loaded
from app.session.pack.about import packed_name
from app.session.plain import plain
from app.session.results.titles import titles
from app.text.numbers import duration

MOST_EVENTS: Final = 1_000_000
"""More of them make a file that the browser cannot hold."""

FAST: Final = 3
"""Level of compression: the highest one takes four times as long for a tenth less."""


def export_trace(loaded: Loaded, asked: Asked, say: Callable[[str], None]) -> None:
    """Write the trace. Raises ValueError, OSError and PolarsError."""
    window = window_of(asked, loaded)
    bound = newest(cut_tables(loaded, window), MOST_EVENTS)
    if bound.begin_ns is not None:
        window = Window(bound.begin_ns, window.until_ns)
    name = f"{packed_name(loaded.name)}.perfetto.json.gz"
    if asked.output == STDOUT:
        with stdout(binary=True) as out:
            _write(out, loaded, window)
        return
    with file_at(asked.output, name) as (draft, target):
        with draft.open("wb") as file:
            _write(file, loaded, window, packed=target.suffix != ".json")
        size = draft.stat().st_size
    say(f"{target}: {size:,} bytes; open it at https://ui.perfetto.dev, which reads it in the browser")
    if bound.begin_ns is not None:
        since = duration((bound.begin_ns - began_ns(loaded)) / 1e9)
        say(
            f"of {bound.events:,} events it has the last {bound.kept:,}, from {since} of the session on; "
            f"--from and --until choose others"
        )


def _write(file: IO[bytes], loaded: Loaded, window: Window, *, packed: bool = True) -> None:
    if not packed:
        _write_events(file, loaded, window)
        return
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0, compresslevel=FAST) as zipped:
        _write_events(zipped, loaded, window)


def _write_events(file: IO[bytes] | gzip.GzipFile, loaded: Loaded, window: Window) -> None:
    # A row without a run stands nowhere; only a stranger's table has one.
    tables = {name: table.drop_nulls("run") for name, table in cut_tables(loaded, window).items()}
    clock = Clock(began_ns(loaded))
    counters = counter_events(tables["gauges"], clock)
    names = (*_names(loaded, tables), *(name for name, _ in counters))
    file.write(b'{"displayTimeUnit":"ms","traceEvents":[\n')
    for event in (*names, *run_events(loaded.manifest.runs, window, clock)):
        file.write(msgspec.json.encode(event) + b",\n")
    for events in _tables(tables, [readings for _, readings in counters], clock):
        events.filter(pl.first() != "").sink_csv(
            cast("IO[bytes]", _Writing(file)),
            include_header=False,
            quote_style="never",
            line_terminator=",\n",
            check_extension=False,
            engine="streaming",
        )
    # The last one, whatever there was before it: JSON has no comma after it.
    file.write(msgspec.json.encode(named("process_name", 1, 0, f"session {plain(loaded.name)}")))
    about = {"session": plain(loaded.name), "began_unix_ns": str(clock.began_ns + wall_ns(loaded))}
    file.write(b'\n],"otherData":' + msgspec.json.encode(about) + b"}\n")


def _tables(tables: dict[str, pl.LazyFrame], counters: Iterable[pl.LazyFrame], clock: Clock) -> Iterator[pl.LazyFrame]:
    yield step_events(tables["steps"], clock)
    yield request_events(tables["requests"], clock)
    yield token_events(tables["requests"], clock)
    yield from counters
    yield event_events(tables["events"], clock)
    yield log_events(tables["logs"], clock)


def _names(loaded: Loaded, tables: dict[str, pl.LazyFrame]) -> Iterable[dict[str, Any]]:
    called = titles(loaded.manifest.plan.runs)
    for record in loaded.manifest.runs:
        yield named("process_name", record.run + 1, 0, f"run {record.run}: {called.get(record.run, '?')}")
    yield from thread_names(tables)


class _Writing(RawIOBase):
    """A file without a number of its own, so that nothing is written past who packs."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """All of it."""
        return self._file.write(data)
