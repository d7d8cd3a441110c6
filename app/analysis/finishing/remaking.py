"""A finished session whose manifest was lost: made again of its plan, its facts, its parts and its tables.

The tables say when each run did what; the facts say the rest. What only the manifest knew stays unknown: why a gauge
gave no reading, and how many frames there were.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.facts import Facts, of_journals
from app.analysis.finishing.headlines import with_headlines
from app.analysis.finishing.outcome import manifest_of
from app.analysis.summary.rooflines import with_rooflines
from app.analysis.tables.damage import damaged_files, sound_files
from app.analysis.tables.of_frames import Tables
from app.analysis.tables.parquet import scan_files
from app.analysis.tables.schema import INSTANT, SAMPLE_END
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.journal import JournalReader
from app.session.store.manifest import Manifest
from app.session.store.part import Part, PartRun, read_part
from app.session.store.segments import closed_segments, facts_path, part_counts, rolled_segments
from workloads.wire.frames import SESSION
from workloads.wire.gauges import GAUGES

NEEDED: Final = ("steps", "requests")
"""Tables without which a manifest would say of a run that it did nothing."""


def is_lost(folder: SessionFolder) -> bool:
    """Whether a session was finished, and its manifest is missing or damaged since: the journal is removed behind it.

    Raises ValueError for a manifest that nobody may read.
    """
    journals = folder.journal.exists() or closed_segments(folder)
    return not journals and any(folder.table(name).is_file() for name in TABLES) and not folder.has_sound_manifest()


def remade(folder: SessionFolder) -> Manifest:
    """What the manifest must have said; nothing is written. Raises OSError, and ValueError where it cannot be told."""
    gone = f"{folder.manifest.name} is {'damaged' if folder.manifest.exists() else 'missing'}"
    paths = [*sorted(folder.path.glob("facts-*.frames")), facts_path(folder)]
    if not facts_path(folder).is_file():
        raise ValueError(
            f"session {folder.name}: {gone}, and so is {facts_path(folder).name}, of which it could be made again: put "
            f"one of them back, or read the Parquet files in {folder.path} by themselves"
        )
    lost = damaged_files(folder, {}, TABLES)
    if needed := [each for each in lost if each.table in NEEDED]:
        raise ValueError(
            f"session {folder.name}: {gone}, and {needed[0].file} {needed[0].problem}: put one of them back in "
            f"{folder.path}"
        )
    facts = Facts()
    said = ""
    for path in paths:
        journal = JournalReader(path)
        for frame in of_journals(journal):
            facts.take(frame)
        if journal.damaged and not said:
            said = f"; {path.name} is damaged too, and what was said there is gone"
    tables = scan_files(sound_files(folder, lost, partly=False))
    facts.take_part(part_of_tables(tables))
    for number in rolled_segments(folder):
        try:
            part = read_part(folder, number)
        except ValueError:
            continue
        facts.take_part(replace(part, rows={}))
        facts.recovery = replace(
            facts.recovery,
            lost_bytes=facts.recovery.lost_bytes + part.lost_bytes,
            damages=(*facts.recovery.damages, *part.damages),
            places=facts.recovery.places + part.places,
        )
    manifest = manifest_of(folder.read_plan(), facts)
    manifest = with_rooflines(with_headlines(manifest, tables), folder.name)
    return replace(
        manifest,
        recovery=manifest.recovery if facts.recovery.places else None,
        parts=part_counts(folder),
        remade=f"{gone.replace(' is ', ' was ')}: it was made again of the other files{said}",
    )


def part_of_tables(tables: Tables) -> Part:
    """What tables say of runs and devices, as if all were of one segment."""
    runs: dict[int, PartRun] = {}
    last_ns = 0
    for name in ("steps", "requests", "logs", "events"):
        at = SAMPLE_END.get(name, pl.col(INSTANT[name]))
        of_run = tables[name].drop_nulls("run").group_by("run").agg(first=at.min(), last=at.max())
        for run, first, last in of_run.drop_nulls().collect(engine="streaming").iter_rows():
            last_ns = max(last_ns, last)
            if run == SESSION:
                continue
            known = runs.get(run, PartRun())
            runs[run] = PartRun(
                began_ns=first if known.began_ns is None else min(first, known.began_ns),
                last_ns=max(last, known.last_ns),
                sampled_ns=max(last, known.sampled_ns or last) if name in SAMPLE_END else known.sampled_ns,
            )
    gauges = tables["gauges"].drop_nulls("device")
    present = gauges.group_by("device").agg(pl.col(*GAUGES).count()).collect(engine="streaming")
    read_ns = gauges.select(pl.col("at_ns").max()).collect(engine="streaming").item()
    return Part(
        segment=0,
        last_ns=max(last_ns, read_ns or 0),
        runs=runs,
        present={row["device"]: tuple(name for name in GAUGES if row[name]) for row in present.iter_rows(named=True)},
    )
