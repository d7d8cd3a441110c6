"""A worker whose one workload does on purpose what a workload must not: run as a script."""

from __future__ import annotations

import os
import time

from workloads.catalog import Parameter, WorkloadEntry
from workloads.run import Run, Work
from workloads.worker import main

ENTRY = WorkloadEntry(
    name="test/misbehaving",
    help="misbehaves",
    unit="sample",
    unit_meaning="nothing",
    kind="probe",
    module="misbehaving",
    parameters=(
        Parameter(name="how", default="", meaning="what to do", choices=("print", "raise", "memory", "wait")),
        Parameter(name="device", default="cpu", meaning="where"),
        Parameter(name="threads", default=1, meaning="how many"),
        Parameter(name="batch", default=64, meaning="how much", takes_memory=True),
    ),
)


def run(run: Run) -> None:
    """What was asked for."""
    run.started(Work("float32", None, None))
    {"print": prints, "raise": raises, "memory": takes_memory, "wait": waits}[run.text("how")](run)


def prints(_: Run) -> None:
    """Four megabytes, from Python, from below Python, and what is no text."""
    for number in range(50_000):
        print(f"line {number} " + 30 * "x")
    os.write(1, b"y" * 2_000_000 + b"\n")
    os.write(2, b"\x1b[2J\x1b[31mred\x1b[0m \xff\x07\n")


def raises(_: Run) -> None:
    """As a bug does."""
    {}["no such key"]  # type: ignore[index]


def takes_memory(_: Run) -> None:
    """More than there is."""
    raise MemoryError


def waits(run: Run) -> None:
    """Until it is told to stop."""
    print("waiting")
    while not run.stopping:
        time.sleep(0.001)


if __name__ == "__main__":
    os._exit(main(lambda _: ENTRY))
