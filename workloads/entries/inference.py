"""The inference workloads as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, PRECISION, WorkloadEntry
from workloads.parameters import ByDevice, Parameter

DIGITS = WorkloadEntry(
    name="infer/digits",
    help="serve the held-out digits with the weights of train/digits, in a closed loop",
    unit="sample",
    unit_meaning="one request: one 8×8 image classified, from sending it to having its answer on the host",
    kind="inference",
    module="workloads.infer.digits",
    parameters=(
        Parameter(
            name="weights",
            default="",
            meaning="file of weights; left empty, those of the same session's train/digits",
        ),
        Parameter(
            name="concurrency",
            default=ByDevice(cpu=32, cuda=256),
            meaning="requests outstanding: each client sends its next one when it has its answer",
            minimum=1,
            maximum=100_000,
        ),
        Parameter(
            name="batch",
            default=ByDevice(cpu=16, cuda=64),
            meaning="requests that the server takes at once, at most",
            minimum=1,
            maximum=100_000,
            takes_memory=True,
        ),
        PRECISION,
        *MACHINE,
    ),
)

INFERENCE: Final = (DIGITS,)
