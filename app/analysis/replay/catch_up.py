"""Gives the frames of parts on stdout: `python -P -m app.analysis.replay.catch_up SESSION_PATH --first N [--last M]`.

For a viewer that comes to a session which has gone on for long, or that has fallen behind: it reads on in the journal
behind the last of these parts. Without `--last` the session is finished, and all that follows the first is given, also
what was left at the end. Frames come in the order of time, those of facts as they were; samples in frames of about a
second.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import polars as pl

from app.analysis.finishing.facts import facts_of
from app.analysis.finishing.kept_facts import is_fact
from app.analysis.finishing.outcome import manifest_of
from app.analysis.load import Loaded
from app.analysis.replay.streams import AFTER, END, EVENT, SAMPLE, Timed, in_order, table_streams, write_frames
from app.analysis.replay.summed import SummedUp
from app.analysis.rollups.keeping import rollups_of_parts
from app.analysis.tables.of_frames import Tables
from app.analysis.tables.parquet import scan_left, scan_parts
from app.analysis.tables.readable import DAMAGED, first_line
from app.session.plain import plain
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.journal import JournalReader
from app.session.store.manifest import Manifest
from app.session.store.memory import allow_for, limit_memory
from app.session.store.part import read_part
from app.session.store.segments import facts_path, rolled_segments
from workloads.wire.frames import AnyFrame, Done, Failure, Hello, Phase, Verdicts


def main(arguments: Sequence[str] | None = None) -> int:
    """Give them → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.replay.catch_up")
    parser.add_argument("session", type=Path)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--last", type=int)
    given = parser.parse_args(arguments)
    limit_memory()
    allow_for(SessionFolder(given.session).size_bytes())
    try:
        write_frames(frames(SessionFolder(given.session), given.first, given.last))
    except BrokenPipeError:
        return 0
    except (ValueError, OSError, MemoryError, *DAMAGED) as error:
        print(plain(f"parts of session {given.session.name} cannot be read: {first_line(error)}"), file=sys.stderr)
        return 1
    return 0


def frames(folder: SessionFolder, first: int, last: int | None = None) -> Iterator[AnyFrame]:
    """Of the parts from `first` to `last`, or to the end of a finished session.

    Raises ValueError, OSError and PolarsError for what cannot be read.
    """
    numbers = [number for number in rolled_segments(folder) if number >= first and (last is None or number <= last)]
    tables: Tables = scan_parts(folder, numbers)
    paths = [facts_path(folder, number) for number in numbers]
    if last is None:
        left = scan_left(folder)
        tables = {name: pl.concat([tables[name], left[name]]) for name in TABLES}
        paths.append(facts_path(folder))
    facts = [frame for path in paths for frame in JournalReader(path) if is_fact(frame)]
    found = facts_of(facts)
    for number in numbers:
        found.take_part(read_part(folder, number))
    manifest = manifest_of(folder.read_plan(), found)
    summed = _summed_up(folder, numbers, tables, manifest) if first == 1 and last is not None else None
    span = None if summed is None else summed.span
    if summed is not None:
        # The first rank's word alone counts for all, as in a saved session: sums are cut by it.
        facts = [frame for frame in facts if not (isinstance(frame, Phase) and frame.rank)]
        tables = summed.rest()
    begins = pl.Series(sorted(frame.at_ns for frame in facts if isinstance(frame, Phase)), dtype=pl.Int64)
    told = iter(sorted(map(_timed, facts), key=itemgetter(0, 1)))
    streams = [told, *table_streams(tables, begins, span, manifest.absent)]
    if summed is not None:
        streams.insert(1, ((0, AFTER, frame) for frame in summed.courses()))
        streams.insert(2, ((at_ns, SAMPLE, frame) for at_ns, frame in summed.rollups()))
    for _, _, frame in in_order(*streams):
        yield frame


def _summed_up(folder: SessionFolder, numbers: Sequence[int], tables: Tables, manifest: Manifest) -> SummedUp | None:
    """What lies long before the end of these parts, as sums; None where there is little."""
    found = rollups_of_parts(folder, numbers, manifest, tables)
    if found is None:
        return None
    return SummedUp(Loaded(folder.name, manifest, tables, running=True), found, manifest.last_ns)


def _timed(frame: AnyFrame) -> Timed:
    """What begins stands before the samples of its instant, what ends behind them."""
    match frame:
        case Hello():
            return frame.monotonic_ns, EVENT, frame
        case Done() | Failure():
            return frame.at_ns, END, frame
        case Verdicts() if frame.whole:
            return frame.at_ns, AFTER, frame
    return getattr(frame, "at_ns", 0), EVENT, frame


if __name__ == "__main__":
    sys.exit(main())
