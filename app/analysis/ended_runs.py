"""The runs of a session that goes on, as far as they have ended: each is read once, however often they are asked for.

A session may have hundreds of runs with a hundred thousand steps each: to read all of it before each run would take
longer than to measure.
"""

from __future__ import annotations

from itertools import islice

import msgspec
from msgspec.structs import replace

from app.analysis.facts import facts_of
from app.analysis.finish import with_headlines
from app.analysis.load import Loaded
from app.analysis.outcome import manifest_of
from app.analysis.report import RunSummary
from app.analysis.summary import run_summaries
from app.analysis.tables import tables_in_memory
from app.session.folder import SessionFolder
from app.session.journal import JournalReader
from app.session.plan import Plan
from workloads.wire.frames import Hello


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What was read so far."""

    read: int = 0
    """Bytes of the journal."""
    hellos: tuple[Hello, ...] = ()
    """Of all processes: the machine of a later run is told by them too."""
    runs: tuple[RunSummary, ...] = ()
    """In the order of their numbers, without what only a reader of the whole session wants to know."""


def ended_runs(folder: SessionFolder, plan: Plan, known: Ended) -> Ended:
    """With those that have ended since. Nobody may write to the journal meanwhile but the sampler.

    Raises UnknownVersion and OSError; a journal that is damaged is read up to there.
    """
    journal = JournalReader(folder.journal, known.read)
    facts = facts_of(journal, known.hellos)
    before = {run.run for run in known.runs}
    new = {number for number, run in facts.runs.items() if run.done is not None} - before
    if not new:
        # Of a run that goes on all is read once it has ended.
        return known
    frames = journal.recovery().frames
    tables = tables_in_memory(lambda: islice(JournalReader(folder.journal, known.read), frames), facts)
    manifest = manifest_of(plan, facts)
    manifest = with_headlines(replace(manifest, runs=tuple(r for r in manifest.runs if r.run in new)), tables)
    found = run_summaries(Loaded(folder.name, manifest, tables, running=True))
    runs = sorted((*known.runs, *map(_kept, found)), key=lambda run: run.run)
    return Ended(read=journal.end, hellos=tuple(facts.hellos), runs=tuple(runs))


def _kept(run: RunSummary) -> RunSummary:
    return replace(run, gauges=(), clock_events=(), energy=(), ranks=(), parts=None)
