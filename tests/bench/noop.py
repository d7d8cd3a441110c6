"""A worker whose one workload serves a model that does nothing: so its load generator is measured. A module to run."""

from __future__ import annotations

from workloads.catalog import WorkloadEntry
from workloads.entries.entry import MACHINE
from workloads.entries.load import BATCHING, LOAD
from workloads.infer.load.serving import Serving
from workloads.infer.load.settings import settle_load
from workloads.infer.ticket import Ticket
from workloads.parameters import Parameter
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.worker import main

ENTRY = WorkloadEntry(
    name="test/noop",
    help="answers at once",
    unit="request",
    unit_meaning="nothing",
    kind="inference",
    module="tests.bench.noop",
    parameters=(
        Parameter(name="batch", default=16, meaning="requests at once", minimum=1, maximum=100_000),
        Parameter(name="concurrency", default=16, meaning="requests outstanding", minimum=1, maximum=100_000),
        *LOAD,
        *BATCHING,
        *MACHINE,
    ),
)


def run(run: Run) -> None:
    """Serve."""
    load = settle_load(run)
    serving = Serving(run, load)
    run.started(Work("float32", None, None))
    with steady():
        run.phase("warmup")
        serving.warm_up(_answer, run.warmup_steps(10))
        run.phase("measure")
        serving.measure(_answer)


def _answer(_: int) -> Ticket:
    return Ticket()


if __name__ == "__main__":
    main(lambda _: ENTRY)
