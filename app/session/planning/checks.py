"""What must hold between the runs of a plan: ranks that share the work, weights that are there when needed."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.planning.plan import Plan, PlannedRun
from workloads.catalog import WorkloadEntry, find_workload


def takes_ranks(entry: WorkloadEntry) -> bool:
    """Whether several ranks can share its work."""
    return entry.kind == "training" or entry.name == "probe/allreduce"


def check_ranks(plan: Plan, run: PlannedRun, entry: WorkloadEntry) -> None:
    """Several ranks need a workload that shares its work, and a device for each."""
    if run.ranks == 1 and not plan.nodes:
        if run.parameters.get("shard") == "fsdp":
            raise ValueError("shard=fsdp shares weights among several ranks: add --ranks N, or leave shard away")
        return
    asked = "--nodes" if plan.nodes else f"--ranks {run.ranks}"
    if not takes_ranks(entry):
        raise ValueError(f"{asked}: {entry.name} runs on one rank; only train/* and probe/allreduce take several")
    device = str(run.parameters.get("device", ""))
    if ":" in device:
        raise ValueError(f"{asked}: device={device} is one GPU, and each rank takes its own: --set device=cuda")


def check_weights(runs: Sequence[PlannedRun]) -> None:
    """A run that serves trained weights needs them: its own, or those of a training run before it."""
    trained: set[str] = set()
    for run in runs:
        side, _, model = run.workload.partition("/")
        if side == "train":
            trained.add(model)
        needed = find_workload(run.workload).needs_weights
        if needed and model not in trained and not run.parameters.get("weights"):
            raise ValueError(
                f"{run.workload} needs weights: put train/{model} before it in the same run, or --set weights=PATH"
            )
