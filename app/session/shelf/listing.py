"""Every session in a row, from the small files of each. Nothing here reads samples."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.session.plain import plain
from app.session.planning.plan import PlannedRun
from app.session.results.search import RESULT
from app.session.results.titles import titles
from app.session.shelf.labels import read_note, read_tags
from app.session.store.folder import SessionFolder, read_document
from app.session.store.lock import is_locked
from app.session.store.manifest import Headline
from app.session.store.schema import SCHEMA
from app.text.document import json_text
from workloads.wire.frames import Nanoseconds, Number, Outcome, Unit

MOST_OF_NOTE: Final = 4_000
"""Bytes that a list takes of one."""


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
    hosts: tuple[str, ...] = ()
    """Where it ran."""
    tags: tuple[str, ...] = ()
    note: str = ""
    """Its beginning."""


def session_row(folder: SessionFolder) -> SessionRow:
    """What a list says of one session; a damaged one says what is wrong with it."""
    row = SessionRow(
        name=folder.name, path=str(folder.path), created_ns=0, state="unreadable", size_bytes=folder.size_bytes()
    )
    try:
        listed = _listed(folder)
    except ValueError as error:
        return replace(row, problem=str(error))
    return replace(
        row,
        created_ns=listed.plan.created_ns,
        state="running" if is_locked(folder) else listed.outcome,
        runs=_rows(listed),
        found=next((plain(each.message) for each in listed.findings if each.kind == RESULT), ""),
        hosts=tuple(dict.fromkeys(plain(hello.host) for hello in listed.hellos if hello.host)),
        tags=_tags(folder),
        note=_note(folder),
    )


def rows_json(rows: Sequence[SessionRow]) -> str:
    """All rows as one JSON document."""
    return json_text(rows)


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a list needs of a plan."""

    runs: tuple[PlannedRun, ...]
    created_ns: Nanoseconds
    schema: int = SCHEMA


class _Started(msgspec.Struct, frozen=True, kw_only=True):
    workload: str
    unit: Unit = "sample"


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    run: Number
    outcome: Outcome | None
    started: _Started | None = None
    headline: Headline = Headline()


class _Finding(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    message: str


class _Host(msgspec.Struct, frozen=True, kw_only=True):
    host: str = ""


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What a list needs of a manifest. The rest of it is passed over: that takes a third of the time."""

    plan: _Plan
    outcome: Outcome
    schema: int = SCHEMA
    hellos: tuple[_Host, ...] = ()
    runs: tuple[_Run, ...] = ()
    findings: tuple[_Finding, ...] = ()


def _listed(folder: SessionFolder) -> _Listed:
    """Of a session without a manifest, what its plan says. Raises ValueError."""
    if folder.manifest.is_file():
        return read_document(folder.manifest, _Listed)
    plan = read_document(folder.plan, _Plan)
    runs = tuple(_Run(run=planned.run, outcome=None) for planned in plan.runs)
    return _Listed(plan=plan, outcome="interrupted", runs=runs)


def _rows(listed: _Listed) -> tuple[RunRow, ...]:
    planned = {run.run: run for run in listed.plan.runs}
    called = titles(listed.plan.runs)
    return tuple(_run_row(run, planned.get(run.run), called.get(run.run, "")) for run in listed.runs)


def _run_row(run: _Run, planned: PlannedRun | None, title: str) -> RunRow:
    workload = planned.workload if planned else run.started.workload if run.started else "?"
    return RunRow(
        run=run.run,
        workload=workload,
        title=title,
        outcome=run.outcome,
        headline=run.headline,
        unit=run.started.unit if run.started else "sample",
        variant=planned.variant if planned else 0,
        repeat=planned.repeat if planned else 1,
    )


def _tags(folder: SessionFolder) -> tuple[str, ...]:
    """None of a file that is none of ours: a list does not end at it."""
    with contextlib.suppress(ValueError, OSError):
        return read_tags(folder)
    return ()


def _note(folder: SessionFolder) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(plain(line) for line in read_note(folder, MOST_OF_NOTE).splitlines())
    return ""
