"""Gives a finished session's frames on stdout: `python -P -m app.analysis.replay SESSION_PATH`.

For viewers, which never import Polars: what comes out looks like the journal that the session once
was, in the order of time. Samples come in frames of about a second.
"""

from __future__ import annotations

import argparse
import heapq
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl

from app.analysis.columns import COLUMNS, pack_series
from app.analysis.load import Loaded, load
from app.analysis.schema import OUTCOME
from app.session.folder import SessionFolder
from app.session.manifest import Manifest, RunRecord
from workloads.wire.frames import SESSION, AnyFrame, Done, Gauges, GpuProcess, Log, Requests, Steps
from workloads.wire.framing import frame_bytes
from workloads.wire.gauges import GAUGES

FRAME_NS = 1_000_000_000

Timed = tuple[int, int, AnyFrame]
"""When, what comes first of what is at one instant, and the frame."""

EVENT, SAMPLE, END = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay one session → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.replay")
    parser.add_argument("session", type=Path)
    given = parser.parse_args(arguments)
    try:
        for frame in replay(load(SessionFolder(given.session))):
            _write(frame_bytes(frame))
    except BrokenPipeError:
        return 0
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def replay(loaded: Loaded) -> Iterator[AnyFrame]:
    """All frames of a session in the order of time; phases stand before the samples that end in them."""
    streams = (
        _events(loaded.manifest),
        _samples(loaded, Steps, "steps"),
        _samples(loaded, Requests, "requests"),
        _gauges(loaded.tables["gauges"].collect()),
        _logs(loaded.tables["logs"].collect()),
    )
    for _, _, frame in heapq.merge(*streams, key=lambda timed: timed[:2]):
        yield frame


def _events(manifest: Manifest) -> Iterator[Timed]:
    """What the manifest knows, in order."""
    events: list[Timed] = [(hello.monotonic_ns, EVENT, hello) for hello in manifest.hellos]
    for record in manifest.runs:
        events += _run_events(record)
    events += [(finding.at_ns, EVENT, finding) for finding in manifest.findings]
    if manifest.failure is not None:
        events.append((manifest.failure.at_ns, END, manifest.failure))
    last = _end_ns(manifest)
    events.append((last, END, Done(run=SESSION, at_ns=last, outcome=manifest.outcome)))
    yield from sorted(events, key=lambda timed: timed[:2])


def _run_events(record: RunRecord) -> Iterator[Timed]:
    if record.started is not None:
        yield record.started.at_ns, EVENT, record.started
    for phase in record.phases:
        yield phase.at_ns, EVENT, phase
    for score in record.scores:
        yield score.at_ns, EVENT, score
    if record.failure is not None:
        yield record.failure.at_ns, END, record.failure
    if record.ended_ns is not None:
        done = Done(run=record.run, at_ns=record.ended_ns, outcome=record.outcome, dropped=record.dropped)
        yield record.ended_ns, END, done


def _end_ns(manifest: Manifest) -> int:
    """The session's end on the host's monotonic clock."""
    conductor = next((hello for hello in manifest.hellos if hello.role == "conductor"), None)
    if conductor is None:
        return max((record.ended_ns or 0 for record in manifest.runs), default=0)
    return manifest.ended_ns - conductor.wall_ns + conductor.monotonic_ns


def _samples(loaded: Loaded, kind: type[Steps] | type[Requests], name: str) -> Iterator[Timed]:
    """Frames of one run, one phase and about a second each."""
    end = pl.col("start_ns") + pl.col("wall_ns") if kind is Steps else pl.col("done_ns")
    table = loaded.tables[name].with_columns(end.alias("end_ns"), *_codes(kind)).sort("end_ns").collect()
    if not len(table):
        return
    # A row begins a frame where the run, the phase, the second, or what was measured differs from the row before.
    measured = [pl.col(column).is_null() for column in COLUMNS[kind]]
    keys = [pl.col("run"), pl.col("phase").to_physical().fill_null(255), pl.col("end_ns") // FRAME_NS, *measured]
    begins = table.select(pl.any_horizontal([key != key.shift(1) for key in keys]).fill_null(value=True))
    places = [*begins.to_series().arg_true(), len(table)]
    for first, last in pairwise(places):
        rows = table[first:last]
        columns = {column: pack_series(rows[column]) for column in COLUMNS[kind]}
        yield rows["end_ns"][0], SAMPLE, kind(run=rows["run"][0], **columns)  # type: ignore[arg-type]


def _codes(kind: type[Steps] | type[Requests]) -> list[pl.Expr]:
    """Names back to the wire's codes."""
    return [pl.col("outcome").cast(OUTCOME).to_physical().cast(pl.Int64)] if kind is Requests else []


def _gauges(table: pl.DataFrame) -> Iterator[Timed]:
    for row in table.sort("at_ns").iter_rows(named=True):
        yield row["at_ns"], SAMPLE, _gauge_frame(row)


def _gauge_frame(row: Mapping[str, object]) -> Gauges:
    readings = {name: value for name in GAUGES if isinstance(value := row[name], float)}
    cores, processes, run, at_ns = row["core_percent"], row["processes"], row["run"], row["at_ns"]
    assert isinstance(run, int)
    assert isinstance(at_ns, int)
    return Gauges(
        run=run,
        at_ns=at_ns,
        device=str(row["device"]),
        source=str(row["source"]),  # type: ignore[arg-type]
        readings=readings,
        core_percent=tuple(cores) if isinstance(cores, list) else (),
        # Which processes they were is not kept, only how many.
        processes=(GpuProcess(0),) * processes if isinstance(processes, int) else None,
    )


def _logs(table: pl.DataFrame) -> Iterator[Timed]:
    for row in table.sort("at_ns").iter_rows(named=True):
        yield row["at_ns"], SAMPLE, Log(**row)


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    sys.exit(main())
