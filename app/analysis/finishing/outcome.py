"""Facts of a journal → the session's manifest, but for the headlines, which need its samples. Pure."""

from __future__ import annotations

from app.analysis.finishing.bounded import MOST, MOST_SCORES, ends, few_findings, few_phases
from app.analysis.finishing.facts import Facts, RunFacts
from app.analysis.tables.of_frames import in_order
from app.session.planning.plan import Plan
from app.session.store.manifest import Manifest, RunRecord
from workloads.wire.frames import Finding, Outcome


def manifest_of(plan: Plan, facts: Facts) -> Manifest:
    """How a session went, with empty headlines. Without the conductor's last word it was interrupted."""
    conductor = next((hello for hello in facts.hellos if hello.role == "conductor"), None)
    started = conductor.wall_ns if conductor else plan.created_ns
    last = facts.done.at_ns if facts.done else facts.last_ns
    numbers = sorted({planned.run for planned in plan.runs} | facts.runs.keys())
    whole = facts.done is not None and not facts.recovery.lost_bytes and not facts.recovery.places
    return Manifest(
        plan=plan,
        outcome=facts.done.outcome if facts.done else "interrupted",
        started_ns=started,
        ended_ns=last - conductor.monotonic_ns + conductor.wall_ns if conductor else started,
        hellos=tuple(ends(facts.hellos, MOST)),
        runs=tuple(_record(number, facts.runs.get(number)) for number in numbers),
        findings=(*few_findings(facts.findings, facts.last_ns), *_misfits(facts)),
        failure=facts.failure,
        frames=facts.recovery.frames,
        unknown=facts.unknown,
        recovery=None if whole else facts.recovery,
        absent={device: reasons for device, reasons in facts.absent.items() if reasons},
        clocks=tuple(facts.clocks.values()),
        estimates=tuple(facts.estimates),
        idle=facts.idle,
        overheads=tuple(facts.overheads.values()),
    )


def _record(number: int, run: RunFacts | None) -> RunRecord:
    if run is None:
        return RunRecord(run=number, outcome="skipped")
    began = run.began_ns is not None
    outcome: Outcome = run.done.outcome if run.done else "interrupted" if began else "skipped"
    return RunRecord(
        run=number,
        outcome=outcome,
        started=run.started,
        ended_ns=run.done.at_ns if run.done else run.last_ns if began else None,
        scores=tuple(ends(run.scores, MOST_SCORES)),
        failure=run.failure,
        dropped=run.done.dropped if run.done else 0,
        phases=tuple(few_phases(in_order(run.phases))),
        measured_until_ns=_last_phase_end(run, outcome),
        reason=run.done.reason if run.done else "",
        verdicts=run.explained.whole,
        live_verdicts=run.explained.live,
        primaries=tuple(run.explained.primaries),
        effects=run.explained.effects,
        profiles=run.explained.profiles,
        exit_status=run.done.exit_status if run.done else None,
    )


def _last_phase_end(run: RunFacts, outcome: Outcome) -> int | None:
    """A run that failed or was ended did nothing any more between its last sample and the word about its end."""
    if outcome == "done" and run.done is not None:
        return run.done.at_ns
    if run.sampled_ns is not None:
        return max(run.sampled_ns, *(phase.at_ns for phase in run.phases), 0)
    return run.done.at_ns if run.done else run.last_ns or None


def _misfits(facts: Facts) -> tuple[Finding, ...]:
    if not facts.misfits:
        return ()
    message = f"{facts.misfits} frames of samples were left out: their columns were not of equal length"
    return (Finding(at_ns=facts.last_ns, kind="misfit", message=message, remedy="the workload's recording is wrong"),)
