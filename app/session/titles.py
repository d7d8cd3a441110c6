"""What each run of a plan is called where it stands beside the others: several of one workload differ in something."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.plain import plain
from app.session.plan import PlannedRun


def titles(runs: Sequence[PlannedRun]) -> dict[int, str]:
    """Run number → `probe/copy`, or `probe/matmul bfloat16` where runs of one workload have different settings."""
    return {run.run: plain(" ".join((run.workload, *_differing(run, runs)))) for run in runs}


def _differing(run: PlannedRun, runs: Sequence[PlannedRun]) -> list[str]:
    """The values of the parameters that are not the same in all runs of its workload."""
    others = [other.parameters for other in runs if other.workload == run.workload]
    return [str(value) for name, value in run.parameters.items() if any(other.get(name) != value for other in others)]
