"""`benchtop why`: what limited each run of a session, on what evidence, and what was tried, as a typed document."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from app.analysis.load import Loaded, of_sound
from app.analysis.replay.__main__ import replay
from app.analysis.summary.headline import measure_windows
from app.analysis.tables.damage import DamagedFile
from app.analysis.why.explained import Explained
from app.analysis.why.text import why_text
from app.session.live.view import RunState
from app.session.results.titles import titles
from app.session.store.folder import SessionFolder
from app.session.store.manifest import PrimaryVerdict, RunRecord
from app.text.document import json_text
from app.verdicts.afterwards import explained
from workloads.wire.frames import Effect, Profile, Verdicts


class RunWhy(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Times are the host's monotonic clock, nanoseconds."""

    run: int
    workload: str
    title: str
    state: RunState
    verdicts: Verdicts | None = None
    """Of all that it measured, the primary one first; of its last seconds where it still runs. None: it measured
    nothing."""
    live_verdicts: Verdicts | None = None
    """The last that was said of its last seconds while it went on."""
    primaries: tuple[PrimaryVerdict, ...] = ()
    """How the primary verdict changed while it went on."""
    effects: tuple[Effect, ...] = ()
    """What experiments have shown."""
    profiles: tuple[Profile, ...] = ()
    measured_from_ns: int | None = None
    """When it began to measure; windows are told from there."""
    afterwards: bool = False
    """The session had no verdicts: these were worked out now, from what it kept."""
    measured_until_s: float | None = None
    """When it ended, seconds after it began to measure, where a later instant is asked about, of which nothing is said.
    """


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One session."""

    name: str
    running: bool
    runs: tuple[RunWhy, ...]
    damaged: tuple[DamagedFile, ...] = ()
    """Files of it that cannot be read. Nothing is worked out then that was not said before."""


def why(folder: SessionFolder, *, as_json: bool, width: int, at: str | None = None) -> str:
    """As text, or as one JSON document; `at`: as it stood at that time of measuring, `1:30`.

    Raises ValueError where the session cannot be read, or the time is none.
    """
    at_s = None if at is None else seconds_of(at)
    found = of_sound(folder, lambda loaded: why_of(loaded, at_s))
    if as_json:
        return json_text(found)
    return why_text(found, width)


def why_of(loaded: Loaded, at_s: float | None = None, *, whole: bool = False) -> Why:
    """Of a session that was read. Runs that nobody explained are explained now.

    `at_s`: as it stood so many seconds after each run began to measure, worked out from what the session kept.
    `whole`: of what is worked out now no more than what is said of all of a run.
    """
    manifest = loaded.manifest
    unexplained = {record.run for record in manifest.runs if at_s is not None or _is_unexplained(record, loaded)}
    until = {
        record.run: began + round(at_s * 1e9)
        for record in manifest.runs
        if at_s is not None and (began := _measured_from(record)) is not None
    }
    afterwards = {}
    if unexplained and not loaded.damaged:
        afterwards = _afterwards(loaded, unexplained, until, looking=not whole)
    called = titles(manifest.plan.runs)
    workloads = {planned.run: planned.workload for planned in manifest.plan.runs}
    return Why(
        name=loaded.name,
        running=loaded.running,
        runs=tuple(
            _run(
                record,
                (workloads.get(record.run, "?"), called.get(record.run, "?")),
                loaded,
                afterwards.get(record.run),
                at_s,
            )
            for record in manifest.runs
        ),
        damaged=loaded.damaged,
    )


def _run(
    record: RunRecord, names: tuple[str, str], loaded: Loaded, found: Explained | None, at_s: float | None
) -> RunWhy:
    """`names`: workload and title. `found`: what was worked out now. `at_s`: beyond it nothing was looked at."""
    began = _measured_from(record)
    until = max((end for _, end in measure_windows(record.phases, record.measured_until_ns)), default=None)
    if at_s is not None and (began is None or (until is not None and at_s > (until - began) / 1e9)):
        return RunWhy(
            run=record.run,
            workload=names[0],
            title=names[1],
            state=loaded.state_of(record),
            measured_from_ns=began,
            measured_until_s=None if began is None or until is None else (until - began) / 1e9,
        )
    at_an_instant = at_s is not None
    whole = found.whole if found is not None else record.verdicts
    live = found.live if found is not None else record.live_verdicts
    effects = record.effects or (found.effects if found is not None else ())
    return RunWhy(
        run=record.run,
        workload=names[0],
        title=names[1],
        state="running" if at_an_instant else loaded.state_of(record),
        verdicts=live if at_an_instant or record.run in loaded.going_on else whole,
        live_verdicts=live,
        primaries=tuple(found.primaries) if found is not None else record.primaries,
        effects=() if at_an_instant else effects,
        profiles=() if at_an_instant else record.profiles,
        measured_from_ns=began,
        afterwards=found is not None,
    )


def _measured_from(record: RunRecord) -> int | None:
    return next((phase.at_ns for phase in record.phases if phase.phase == "measure"), None)


def _is_unexplained(record: RunRecord, loaded: Loaded) -> bool:
    """Whether it measured and is over, and nothing was said of all of it."""
    measured = any(phase.phase == "measure" for phase in record.phases)
    return measured and record.verdicts is None and record.run not in loaded.going_on


def _afterwards(loaded: Loaded, wanted: set[int], until: Mapping[int, int], *, looking: bool) -> dict[int, Explained]:
    """What the engine says of these runs, from what the session kept; of some up to an instant."""
    found = {run: Explained() for run in wanted}
    for frame in explained(loaded.manifest.plan, replay(loaded), looking=looking):
        if not isinstance(frame, Verdicts | Effect) or frame.run not in found:
            continue
        if frame.at_ns <= until.get(frame.run, frame.at_ns):
            found[frame.run].take(frame)
    return found


def seconds_of(text: str, option: str = "--at", of: str = "of measuring") -> float:
    """`90`, `1:30` or `0:01:30` → seconds. Raises ValueError, one line that names the option."""
    parts = text.split(":")
    try:
        numbers = [*map(int, parts[:-1]), float(parts[-1])]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(0 <= number < math.inf for number in numbers):
        raise ValueError(f"{option} {text}: give a time {of}, as in {option} 90, {option} 1:30 or {option} 0:01:30")
    return float(sum(number * size for number, size in zip(reversed(numbers), (1, 60, 3600), strict=False)))
