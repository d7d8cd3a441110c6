"""A run of days, measured: memory of each of its processes, and what it takes on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_segments, parts_of_tables
from tests.bench.days.conducting import ITSELF
from tests.bench.memory import own_bytes
from tests.bench.row import Row

HOURS = 6
NOTES_AN_HOUR = 6


def measure(home: Path, hours: int = HOURS) -> list[Row]:
    """The rows: what grew."""
    plan = Plan(
        name="days",
        runs=(PlannedRun(run=1, workload="train/digits"),),
        created_ns=0,
        worker=(*ITSELF, "worker", str(hours)),
        sampler=(*ITSELF, "sampler"),
    )
    folder = create_session(home / "sessions", plan)
    os.mkfifo(folder.path / "notes")
    conductor = subprocess.Popen((*ITSELF, "conductor", str(folder.path)), stdin=subprocess.DEVNULL)
    viewer = subprocess.Popen((*ITSELF, "viewer", str(folder.path)), stdout=subprocess.PIPE, text=True)
    notes, disk = [], []
    with (folder.path / "notes").open() as said:
        for _ in said:
            notes.append(own_bytes(conductor.pid))
            disk.append(folder.size_bytes())
            print(f"{len(notes) / NOTES_AN_HOUR:.1f} h: {notes[-1] / 2**20:.1f} MiB", file=sys.stderr, flush=True)
    conductor.wait()
    seen, _ = viewer.communicate()
    return [
        _memory("conductor", notes, hours, most=3),
        _memory("viewer that follows", [int(line) for line in seen.split()], hours, most=10),
        *_makers(folder),
        _disk(folder, hours, max(disk)),
    ]


def _memory(who: str, notes: list[int], hours: int, *, most: int) -> Row:
    """The least of the last hour against that of the second one: buffers come and go, a leak stays.

    `most`: per cent. A viewer reads in bursts here, a hundred times as fast as time goes: that alone is a megabyte.
    """
    early, late = min(notes[NOTES_AN_HOUR : 2 * NOTES_AN_HOUR]), min(notes[-NOTES_AN_HOUR:])
    growth = 100 * (late / early - 1)
    return Row(
        what=f"memory of the {who} over {hours} simulated hours at 1,000 steps/s",
        measured=f"{growth:+.2f} % ({early / 2**20:.1f} → {late / 2**20:.1f} MiB), {max(notes) / 2**20:.1f} at most",
        floor=f"the last hour within {most} % of the second",
        reached=growth <= most,
        how="anonymous memory at every ten simulated minutes: the least of an hour",
    )


def _makers(folder: SessionFolder) -> list[Row]:
    """Of the process that rolls, its second run against its last; and of the one that finishes."""
    noted = [line.split() for line in (folder.path / "peaks").read_text().splitlines()]
    rolls = [(int(most), float(took)) for what, most, took in noted if what == "roll"]
    ((finished, took),) = [(int(most), float(took)) for what, most, took in noted if what == "finish"]
    growth = 100 * (rolls[-1][0] / rolls[1][0] - 1)
    return [
        Row(
            what=f"memory of the process that rolls, at most, over {len(rolls)} runs of it",
            measured=f"{growth:+.1f} % ({rolls[1][0] / 2**20:.0f} → {rolls[-1][0] / 2**20:.0f} MiB)",
            floor="the last within 10 % of the second",
            reached=growth <= 10,
            how=f"its resident memory at most; a processor's {rolls[1][1]:.1f} s → {rolls[-1][1]:.1f} s each",
        ),
        Row(
            what="memory of the process that finishes it, at most",
            measured=f"{finished / 2**20:.0f} MiB",
            floor="≤ 1 GB",
            reached=finished <= 1e9,
            how=f"its resident memory at most; {took:.1f} s of a processor",
        ),
    ]


def _disk(folder: SessionFolder, hours: int, most: int) -> Row:
    size = sum(path.stat().st_size for path in folder.path.iterdir())
    facts = sum(path.stat().st_size for path in folder.path.glob("facts*.frames"))
    steps = hours * 3600 * 1000
    manifest = folder.read_manifest()
    assert manifest.runs[0].headline.samples == steps * 64, manifest.recovery
    return Row(
        what=f"disk after {hours} simulated hours at 1,000 steps/s, rolled as they went",
        measured=f"{size / steps:.1f} bytes a step in {len(parts_of_tables(folder))} parts; "
        f"at most {most / 2**20:,.0f} MiB before",
        floor="no journal is left",
        reached=not folder.journal.exists() and not closed_segments(folder),
        how=f"{steps:,} steps of twelve columns; {facts:,} bytes of facts, the manifest has "
        f"{folder.manifest.stat().st_size:,}",
    )
