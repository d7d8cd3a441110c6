"""Makes parts of closed segments, while a session goes on: `python -P -m app.analysis.finishing.roll SESSION_PATH`.

One segment after the other, each whole or not at all; see `app.session.store.segments` for what it
leaves. When it fails or is killed nothing is lost: the segment stays, and is made into parts by the next one, or when
the session is finished.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl

from app.analysis.finishing.facts import Facts, facts_of
from app.analysis.finishing.kept_facts import is_fact, kept
from app.analysis.finishing.written_facts import WrittenFacts, recovery_of, take_part
from app.analysis.rollups.parts import CANNOT, write_rolled
from app.analysis.tables.of_frames import phases_of, sample_tables
from app.analysis.tables.parquet import write_tables
from app.analysis.tables.readable import DAMAGED, first_line
from app.session.plain import plain
from app.session.results.slo import planned_slo
from app.session.store.files import sync_names, write_whole
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.journal import JournalReader, OpenFile
from app.session.store.lock import alone_at_tables
from app.session.store.part import Part, PartRun
from app.session.store.segments import (
    closed_path,
    closed_segments,
    facts_path,
    marker_path,
    part_path,
    rolled_segments,
)
from app.session.store.written import Segment
from workloads.wire.frames import SESSION, AnyFrame
from workloads.wire.framing import frame_bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Roll what there is → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.finishing.roll")
    parser.add_argument("session", type=Path)
    given = parser.parse_args(arguments)
    folder = SessionFolder(given.session)
    try:
        roll_all(folder)
    except (ValueError, OSError, MemoryError, *DAMAGED) as error:
        print(plain(first_line(error)), file=sys.stderr)
        return 1
    return 0


def roll_all(folder: SessionFolder) -> None:
    """Roll every closed segment, in order. Raises ValueError, OSError and PolarsError; those before it are rolled."""
    for number in closed_segments(folder):
        with alone_at_tables(folder):
            if not folder.manifest.is_file():
                roll(folder, number)


def roll(folder: SessionFolder, number: int) -> None:
    """Make parts of one segment; all before it are in parts. Whoever calls is alone at the tables.

    May be interrupted anywhere, and begun anew. Raises as `roll_all`; the segment stays then.
    """
    segment = closed_path(folder, number)
    if not marker_path(folder, number).is_file():
        if not segment.is_file():
            return
        part, facts = _make(folder, number)
        write_whole(facts_path(folder, number), map(frame_bytes, facts))
        # Every other name is on the disk before the one that makes them count.
        sync_names(folder.path)
        write_whole(marker_path(folder, number), [msgspec.json.encode(part)])
        sync_names(folder.path)
    segment.unlink(missing_ok=True)


def _make(folder: SessionFolder, number: int) -> tuple[Part, list[AnyFrame]]:
    """Write the parts of the tables → what else there is to write."""
    found = WrittenFacts(Facts())
    for earlier in rolled_segments(folder):
        if earlier < number:
            take_part(found, folder, earlier)
    file = os.open(closed_path(folder, number), os.O_RDONLY | os.O_CLOEXEC)
    try:
        segment = Segment(number, OpenFile(file), closed=True)
        facts: list[AnyFrame] = []
        journal = JournalReader(segment.source)
        own = facts_of(_noting(journal, facts))
        own.unknown = journal.unknown
        facts = kept(facts)
        for frame in facts:
            found.facts.take(frame)
        few = {"gauges": own.gauges.raw(), "logs": own.logs.table(), "events": own.events.table()}
        rows = {"steps": own.steps, "requests": own.requests, **{name: len(table) for name, table in few.items()}}
        samples = sample_tables(lambda: JournalReader(segment.source), own, phases_of(found.facts))
        tables = {**samples, **{name: table.lazy() for name, table in few.items()}}
        for name in TABLES:
            part_path(folder, name, number).unlink(missing_ok=True)  # of one who died at it
        write_tables({part_path(folder, name, number): tables[name] for name in TABLES if rows[name]})
        _sum_up(folder, number, found.facts)
        recovery = recovery_of(journal, segment)
    finally:
        os.close(file)
    return (
        Part(
            segment=number,
            rows={name: count for name, count in rows.items() if count},
            frames=recovery.frames,
            unknown=own.unknown,
            misfits=own.misfits,
            last_ns=own.last_ns,
            runs={
                run: PartRun(began_ns=told.began_ns, last_ns=told.last_ns, sampled_ns=told.sampled_ns)
                for run, told in own.runs.items()
                if run != SESSION
            },
            present=own.present,
            absent={device: reasons for device, reasons in own.absent.items() if reasons},
            lost_bytes=recovery.lost_bytes,
            damages=recovery.damages,
            places=recovery.places,
        ),
        facts,
    )


def _sum_up(folder: SessionFolder, number: int, facts: Facts) -> None:
    """Sums of the part, for quick looks. Nothing rests on them: those that cannot be written now are made later."""
    phases = (phase.at_ns for of_run in phases_of(facts).values() for phase in of_run)
    with contextlib.suppress(*CANNOT):
        write_rolled(folder, number, pl.Series(sorted(phases), dtype=pl.Int64), planned_slo(folder.read_plan().slo))


def _noting(frames: Iterable[AnyFrame], facts: list[AnyFrame]) -> Iterator[AnyFrame]:
    """All of them, those that no table holds noted on the way."""
    for frame in frames:
        if is_fact(frame):
            facts.append(frame)
        yield frame


if __name__ == "__main__":
    sys.exit(main())
