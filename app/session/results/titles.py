"""What each run of a plan is called where it stands beside the others: several of one workload differ in something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.session.plain import plain
from app.session.planning.plan import PlannedRun
from app.text.values import typed
from workloads.exec.naming import short_command
from workloads.wire.frames import Value


def titles(runs: Sequence[PlannedRun]) -> dict[int, str]:
    """Run number → `probe/copy`, `probe/matmul bfloat16` where runs of one workload have different settings, and
    `train/digits batch=16 #2` where there are repeats.
    """
    named = differing(runs)
    several = {run.variant for run in runs if run.repeat > 1}
    return {
        run.run: _title(run, named[run.run]) + (f" #{run.repeat}" if run.variant in several else "") for run in runs
    }


def variant_titles(runs: Sequence[PlannedRun]) -> dict[int, str]:
    """Variant → the same without the number of a repeat. Plans that know no variants have none."""
    named = differing(runs)
    return {run.variant: _title(run, named[run.run]) for run in reversed(runs) if run.variant}


def differing(runs: Sequence[PlannedRun]) -> dict[int, dict[str, Value]]:
    """Run number → the parameters that are not the same in all runs of its workload, with its values of them."""
    known: dict[str, dict[str, set[Value | None]]] = {}
    for run in runs:
        known.setdefault(run.workload, {}).update({name: set() for name in run.parameters})
    for run in runs:
        for name, values in known[run.workload].items():
            values.add(run.parameters.get(name))
    return {
        run.run: {name: value for name, value in run.parameters.items() if len(known[run.workload][name]) > 1}
        for run in runs
    }


def _title(run: PlannedRun, parameters: Mapping[str, Value]) -> str:
    """A word stands for itself; a number needs its name. A program of the user's is called by its command."""
    if run.command:
        return plain(short_command(run.command))
    words = (value if isinstance(value, str) else f"{name}={typed(value)}" for name, value in parameters.items())
    return plain(" ".join((run.workload, *words)))
