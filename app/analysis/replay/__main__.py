"""Gives a saved session's frames on stdout: `python -P -m app.analysis.replay SESSION_PATH`.

For viewers, which never import Polars: what comes out looks like the journal that the session once
was, in the order of time. Samples come in frames of about a second.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final

import polars as pl

from app.analysis.load import Loaded, load
from app.analysis.replay.facts import Said, said
from app.analysis.replay.samples import Span
from app.analysis.replay.streams import AFTER, END, EVENT, SAMPLE, Timed, in_order, table_streams, write_frames
from app.analysis.replay.summed import SummedUp
from app.analysis.rollups.keeping import phase_begins, remade_rollups, rollups
from app.analysis.rollups.parts import CANNOT
from app.analysis.tables.readable import DAMAGED, first_line
from app.analysis.tables.schema import INSTANT, SAMPLE_END
from app.session.plain import plain
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.manifest import RunRecord
from app.session.store.memory import limit_memory
from workloads.wire.frames import SESSION, AnyFrame, ClockAligned, Done, Effect, Finding, Rollup, Verdicts

READ_TWICE_BYTES: Final = 24 << 20
"""Of tables: some two million samples, which are read in a fraction of a second."""
FEW: Final = ("gauges", "logs", "events")
"""Tables that are read whole at any rate."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay one session → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.replay")
    parser.add_argument("session", type=Path)
    parser.add_argument("--from-ns", type=int, help="what lies long before this instant may come summed up")
    parser.add_argument("--until-ns", type=int, help="nothing after this instant is given")
    given = parser.parse_args(arguments)
    limit_memory()
    try:
        write_frames(replay(_opened(SessionFolder(given.session)), given.from_ns, given.until_ns))
    except BrokenPipeError:
        return 0
    except (ValueError, OSError, MemoryError, *DAMAGED) as error:
        print(f"session {given.session.name} cannot be replayed: {plain(first_line(error))}", file=sys.stderr)
        return 1
    return 0


def _opened(folder: SessionFolder) -> Loaded:
    """What is damaged is known before the first frame, but in the samples of a large session, which take long to read.

    There it is the end of what can be shown.
    """
    is_small = sum(path.stat().st_size for path in folder.path.glob("*.parquet")) <= READ_TWICE_BYTES
    return load(folder, thorough=TABLES if is_small else FEW)


def replay(loaded: Loaded, from_ns: int | None = None, until_ns: int | None = None) -> Iterator[AnyFrame]:
    """Frames of a session in the order of time; phases stand before the samples that end in them.

    `until_ns`: those that were told by then. `from_ns`: what lies long before that instant may come summed up, so that
    a session which is fed with it shows that instant, and what follows, as it was. Both are of the host's clock.
    """
    summed = _summed_up(loaded, from_ns)
    tables = loaded.tables if summed is None else summed.rest
    if until_ns is not None:
        tables = {
            name: table if name in SAMPLE_END else table.filter(pl.col(INSTANT[name]) <= until_ns)
            for name, table in tables.items()
        }
    begins, span = phase_begins(loaded.manifest), None if summed is None else summed.span
    damages = _damages(loaded, rollups_remade=summed is not None and summed.remade)
    streams = [damages, iter(_events(loaded)), *table_streams(tables, begins, span, loaded.manifest.absent, until_ns)]
    if summed is not None:
        first_ns = _first_ns(loaded)
        streams.insert(2, ((first_ns, EVENT, frame) for frame in summed.courses))
        streams.insert(3, ((at_ns, SAMPLE, frame) for at_ns, frame in summed.rollups))
    for at_ns, _, frame in in_order(*streams):
        if until_ns is not None and at_ns > until_ns:
            return
        yield frame
    if not loaded.running and (until_ns is None or loaded.manifest.last_ns <= until_ns):
        yield Done(run=SESSION, at_ns=loaded.manifest.last_ns, outcome=loaded.manifest.outcome)


def _first_ns(loaded: Loaded) -> int:
    return min((hello.monotonic_ns for hello in loaded.manifest.hellos), default=0)


def _damages(loaded: Loaded, *, rollups_remade: bool) -> Iterator[Timed]:
    """A word at the beginning about each file that cannot be read."""
    lines = [loaded.manifest.remade] if loaded.manifest.remade else []
    lines += [each.line for each in loaded.damaged]
    if rollups_remade:
        lines.append("rollups.parquet was damaged: it was made again of the tables")
    at_ns = _first_ns(loaded)
    yield from ((at_ns, EVENT, Finding(at_ns=at_ns, kind="damaged-file", message=line)) for line in lines)


@dataclass(frozen=True)
class _Summed:
    """What lies before an instant, read: nothing of the rollups is read once the first frame has been given."""

    span: Span
    rest: Mapping[str, pl.LazyFrame]
    courses: Sequence[AnyFrame]
    rollups: Iterator[tuple[int, Rollup]]
    remade: bool


def _summed_up(loaded: Loaded, from_ns: int | None) -> _Summed | None:
    """None where all is told sample by sample: of a small session, and of one that is not finished."""
    if from_ns is None or loaded.folder is None or loaded.damaged:
        return None
    until_ns = min(from_ns, loaded.manifest.last_ns)
    of = loaded.folder, loaded.manifest, loaded.tables
    try:
        found = rollups(*of)
        return None if found is None else _read(SummedUp(loaded, found, until_ns), remade=False)
    except (LookupError, TypeError, *CANNOT):
        found = remade_rollups(*of)
        return None if found is None else _read(SummedUp(loaded, found, until_ns), remade=True)


def _read(summed: SummedUp, *, remade: bool) -> _Summed:
    return _Summed(summed.span, summed.rest(), list(summed.courses()), summed.rollups(), remade)


def _events(loaded: Loaded) -> list[Timed]:
    """What the manifest knows, in order."""
    manifest = loaded.manifest
    last = manifest.last_ns
    kept = [] if loaded.folder is None else said(loaded.folder)
    frames: list[Said] = [frame for frame in kept if not (isinstance(frame, Verdicts) and frame.whole)]
    events: list[Timed] = [(hello.monotonic_ns, EVENT, hello) for hello in manifest.hellos]
    for record in manifest.runs:
        events += _run_events(record)
        if record.run not in loaded.going_on:
            ended = last if record.ended_ns is None else record.ended_ns
            events.append((ended, END, _done(record, ended)))
        frames += _last_words(record, kept)
        events += _explained(record)
    if not any(isinstance(frame, ClockAligned) for frame in kept):
        # Of the exchanges between the first and the last, only the largest error was kept.
        frames += [clock for record in manifest.clocks for clock in (record.first, record.last)]
    events += [(frame.at_ns, EVENT, frame) for frame in frames]
    events += [(finding.at_ns, EVENT, finding) for finding in manifest.findings]
    events += [(estimate.at_ns, EVENT, estimate) for estimate in manifest.estimates]
    events += [(overhead.at_ns, EVENT, overhead) for overhead in manifest.overheads]
    if manifest.idle is not None:
        events.append((manifest.idle.at_ns, EVENT, manifest.idle))
    if manifest.failure is not None:
        events.append((manifest.failure.at_ns, END, manifest.failure))
    return sorted(events, key=itemgetter(0, 1))


def _run_events(record: RunRecord) -> Iterator[Timed]:
    if record.started is not None:
        yield record.started.at_ns, EVENT, record.started
    for phase in record.phases:
        yield phase.at_ns, EVENT, phase
    for score in record.scores:
        yield score.at_ns, EVENT, score
    if record.failure is not None:
        yield record.failure.at_ns, END, record.failure


def _last_words(record: RunRecord, kept: Sequence[Said]) -> list[Verdicts | Effect]:
    """What was said last of its last seconds and of experiments, where it is not kept how that came to be."""
    of_run = [frame for frame in kept if frame.run == record.run]
    words: list[Verdicts | Effect] = []
    if record.live_verdicts is not None and not any(isinstance(frame, Verdicts) for frame in of_run):
        words.append(record.live_verdicts)
    return words if any(isinstance(frame, Effect) for frame in of_run) else [*words, *record.effects]


def _explained(record: RunRecord) -> Iterator[Timed]:
    """Why it was not faster. What was said of all that it measured was said when it was over."""
    yield from ((profile.at_ns, EVENT, profile) for profile in record.profiles)
    if record.verdicts is not None:
        yield max(record.verdicts.at_ns, record.ended_ns or 0), AFTER, record.verdicts


def _done(record: RunRecord, at_ns: int) -> Done:
    return Done(
        run=record.run,
        at_ns=at_ns,
        outcome=record.outcome,
        dropped=record.dropped,
        reason=record.reason,
        exit_status=record.exit_status,
    )


if __name__ == "__main__":
    sys.exit(main())
