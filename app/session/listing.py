"""Every session in a row, from the two small JSON files of each. Nothing here reads samples."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.session.folder import SessionFolder
from app.session.lock import is_locked
from app.session.manifest import Headline, RunRecord
from app.session.plain import plain
from app.session.plan import PlannedRun
from app.session.search import RESULT
from app.session.titles import titles
from app.text.document import json_text
from workloads.wire.frames import Outcome


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a session in a list."""

    run: int
    workload: str
    title: str = ""
    """The workload, with what tells this run from the others of it in the same session."""
    outcome: Outcome | None = None
    """None while the session goes on."""
    headline: Headline = Headline()
    unit: str = "sample"
    """What its work is counted in."""
    variant: int = 0
    """Runs of one variant are repeats of each other; 0: the plan knows no variants."""
    repeat: int = 1


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session in a list."""

    name: str
    path: str
    created_ns: int
    """Wall time, nanoseconds since 1970, UTC; 0 where the plan cannot be read."""
    state: str
    """`running`, `done`, `failed`, `interrupted`, or `unreadable`."""
    size_bytes: int
    runs: tuple[RunRow, ...] = ()
    problem: str = ""
    """Why it is unreadable."""
    found: str = ""
    """What a search found, in a line."""


def session_row(folder: SessionFolder) -> SessionRow:
    """What a list says of one session; a damaged one says what is wrong with it."""
    size = folder.size_bytes()
    found = ""
    try:
        if folder.manifest.is_file():
            manifest = folder.read_manifest()
            planned = {run.run: run for run in manifest.plan.runs}
            called = titles(manifest.plan.runs)
            rows = tuple(
                _run_row(record, planned.get(record.run), called.get(record.run, "")) for record in manifest.runs
            )
            created, state = manifest.plan.created_ns, manifest.outcome
            found = next((plain(each.message) for each in manifest.findings if each.kind == RESULT), "")
        else:
            plan = folder.read_plan()
            called = titles(plan.runs)
            rows = tuple(
                RunRow(
                    run=run.run, workload=run.workload, title=called[run.run], variant=run.variant, repeat=run.repeat
                )
                for run in plan.runs
            )
            created, state = plan.created_ns, "interrupted"
    except ValueError as error:
        return SessionRow(
            name=folder.name,
            path=str(folder.path),
            created_ns=0,
            state="unreadable",
            size_bytes=size,
            problem=str(error),
        )
    return SessionRow(
        name=folder.name,
        path=str(folder.path),
        created_ns=created,
        state="running" if is_locked(folder) else state,
        size_bytes=size,
        runs=rows,
        found=found,
    )


def rows_json(rows: Sequence[SessionRow]) -> str:
    """All rows as one JSON document."""
    return json_text(rows)


def _run_row(record: RunRecord, planned: PlannedRun | None, title: str) -> RunRow:
    workload = planned.workload if planned else record.started.workload if record.started else "?"
    return RunRow(
        run=record.run,
        workload=workload,
        title=title,
        outcome=record.outcome,
        headline=record.headline,
        unit=record.started.unit if record.started else "sample",
        variant=planned.variant if planned else 0,
        repeat=planned.repeat if planned else 1,
    )
