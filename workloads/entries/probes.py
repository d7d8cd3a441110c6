"""The probes as the catalogue knows them. Standard library and msgspec only."""

from __future__ import annotations

from typing import Final

from workloads.entries.entry import MACHINE, WorkloadEntry
from workloads.parameters import ByDevice, Parameter

MATMUL = WorkloadEntry(
    name="probe/matmul",
    help="large matrix products: TFLOP/s against the device's limit",
    unit="product",
    unit_meaning="one product of two size×size matrices of random numbers: 2 × size³ floating-point operations",
    kind="probe",
    module="workloads.probe.matmul",
    parameters=(
        Parameter(
            name="size",
            default=ByDevice(cpu=1024, cuda=8192),
            meaning="rows and columns of each matrix",
            minimum=1,
            maximum=65536,
            takes_memory=True,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the numbers; tf32 (float32 rounded to 10 bits of mantissa) needs CUDA",
            choices=("float32", "tf32", "bfloat16", "float16", "float64"),
        ),
        Parameter(
            name="inner",
            default=ByDevice(cpu=2, cuda=8),
            meaning="products a step",
            minimum=1,
            maximum=100_000,
        ),
        *MACHINE,
    ),
)

COPY = WorkloadEntry(
    name="probe/copy",
    help="copies within one memory, far larger than the caches: GB/s, read plus written",
    unit="copy",
    unit_meaning="one copy of a whole buffer into another: its size read once and written once",
    kind="probe",
    module="workloads.probe.copy",
    parameters=(
        Parameter(
            name="size_mib",
            default=ByDevice(cpu=256, cuda=2048),
            meaning="size of each of the two buffers, MiB",
            minimum=1,
            maximum=1_048_576,
            takes_memory=True,
        ),
        Parameter(name="inner", default=ByDevice(cpu=1, cuda=8), meaning="copies a step", minimum=1, maximum=100_000),
        *MACHINE,
    ),
)

PROBES: Final = (MATMUL, COPY)
