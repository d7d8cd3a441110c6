"""`benchtop ls`: every session in a row, from the two small JSON files of each. Nothing here reads samples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from app.session.folder import SessionFolder
from app.session.lock import is_locked
from app.session.manifest import Headline, RunRecord
from app.session.plan import PlannedRun
from app.session.titles import titles
from app.text.numbers import bytes_text, count, milliseconds, percent
from app.text.units import units_of
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


def session_row(folder: SessionFolder) -> SessionRow:
    """What a list says of one session; a damaged one says what is wrong with it."""
    size = folder.size_bytes()
    try:
        if folder.manifest.is_file():
            manifest = folder.read_manifest()
            planned = {run.run: run for run in manifest.plan.runs}
            called = titles(manifest.plan.runs)
            rows = tuple(
                _run_row(record, planned.get(record.run), called.get(record.run, "")) for record in manifest.runs
            )
            created, state = manifest.plan.created_ns, manifest.outcome
        else:
            plan = folder.read_plan()
            called = titles(plan.runs)
            rows = tuple(RunRow(run=run.run, workload=run.workload, title=called[run.run]) for run in plan.runs)
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
    )


def rows_json(rows: Sequence[SessionRow]) -> str:
    """All rows as one JSON document."""
    return msgspec.json.format(msgspec.json.encode(rows)).decode()


def sessions_text(rows: Sequence[SessionRow], width: int) -> str:
    """Two lines for each session and an indented one for each of its runs, cut to `width` columns."""
    if not rows:
        return "no sessions yet; `benchtop run train/digits infer/digits` makes one"
    return "\n".join(line[:width] for row in rows for line in _lines(row))


def headline_text(run: RunRow) -> str:
    """A run's numbers in a few words; empty when nothing was measured."""
    words, headline = [], run.headline
    if headline.tokens_per_s is not None:
        words.append(f"{count(headline.tokens_per_s)} tokens/s")
    elif headline.samples_per_s is not None:
        words.append(f"{count(headline.samples_per_s)} {units_of(run)}/s")
    if headline.p50_ms is not None:
        words.append(f"p50 {milliseconds(headline.p50_ms)}")
    if headline.accuracy is not None:
        words.append(f"top-1 {percent(headline.accuracy * 100)}")
    if headline.bits_per_byte is not None:
        words.append(f"{headline.bits_per_byte:.3f} bits/byte")
    if headline.case is not None:
        words.append(f"({headline.case})")
    return "  ".join(words)


def _lines(row: SessionRow) -> list[str]:
    when = f"{dt.datetime.fromtimestamp(row.created_ns / 1e9):%Y-%m-%d %H:%M}  " if row.created_ns else ""
    first = [row.name, f"  {when}{row.state:<11}  {bytes_text(row.size_bytes)}"]
    if row.problem:
        return [*first, f"    {row.problem}"]
    names = [run.title or run.workload for run in row.runs]
    longest = max(map(len, names), default=0)
    return [
        *first,
        *(
            f"    {name:<{longest}} {run.outcome or '':<11}  {headline_text(run)}".rstrip()
            for name, run in zip(names, row.runs, strict=True)
        ),
    ]


def _run_row(record: RunRecord, planned: PlannedRun | None, title: str) -> RunRow:
    workload = planned.workload if planned else record.started.workload if record.started else "?"
    return RunRow(
        run=record.run,
        workload=workload,
        title=title,
        outcome=record.outcome,
        headline=record.headline,
        unit=record.started.unit if record.started else "sample",
    )
