"""The runs of a session that goes on, as far as they have ended: each is read once, however often they are asked for.

A session may have hundreds of runs with a hundred thousand steps each: to read all of it before each run would take
longer than to measure.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from app.analysis.finishing.headlines import with_headlines
from app.analysis.finishing.outcome import manifest_of
from app.analysis.finishing.written_facts import facts_of_written, frames_of
from app.analysis.load import Loaded
from app.analysis.summary.making import run_summaries
from app.analysis.summary.report import RunSummary
from app.analysis.tables.part_tables import tables_of_written
from app.session.planning.plan import Plan
from app.session.store.folder import SessionFolder
from app.session.store.written import open_written
from workloads.wire.frames import Hello


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What was read so far."""

    segment: int = 1
    """Of the journal; all before it was read."""
    read: int = 0
    """Bytes of that segment."""
    hellos: tuple[Hello, ...] = ()
    """Of all processes: the machine of a later run is told by them too."""
    runs: tuple[RunSummary, ...] = ()
    """In the order of their numbers, without what only a reader of the whole session wants to know."""


def ended_runs(folder: SessionFolder, plan: Plan, known: Ended) -> Ended:
    """With those that have ended since. Nobody may write to the journal meanwhile but the sampler.

    Where the segment in which the last reading ended is in parts by now, all of these are read, and what was known
    is left out. Raises UnknownVersion and OSError.
    """
    with open_written(folder, known.segment) as written:
        found = facts_of_written(folder, written, begin=known.read)
        facts = found.facts
        facts.hellos = [*known.hellos, *(hello for hello in facts.hellos if hello not in known.hellos)]
        before = {run.run for run in known.runs}
        new = {number for number, run in facts.runs.items() if run.done is not None} - before
        if not new:
            # Of a run that goes on all is read once it has ended.
            return known
        tables = tables_of_written(folder, written.parts, found, lambda: frames_of(written, known.read))
    manifest = manifest_of(plan, facts)
    manifest = with_headlines(replace(manifest, runs=tuple(r for r in manifest.runs if r.run in new)), tables)
    summaries = run_summaries(Loaded(folder.name, manifest, tables, running=True))
    runs = sorted((*known.runs, *map(_kept, summaries)), key=lambda run: run.run)
    last = written.segments[-1].number if written.segments else known.segment
    return Ended(segment=last, read=found.end, hellos=tuple(facts.hellos), runs=tuple(runs))


def _kept(run: RunSummary) -> RunSummary:
    return replace(run, gauges=(), clock_events=(), energy=(), ranks=(), parts=None)
