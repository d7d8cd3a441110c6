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
    experiments=("bfloat16", "tf32"),
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

_SIZE: Final = r"[1-9]\d{0,5}"
_SIZES: Final = rf"{_SIZE}(,{_SIZE}){{0,15}}"
_SHAPE: Final = r"[1-9]\d{0,6}(x[1-9]\d{0,6}){3}"
_SHAPES: Final = rf"{_SHAPE}(,{_SHAPE}){{0,15}}"

TRANSFER = WorkloadEntry(
    name="probe/transfer",
    help="copies between host and device, pinned and pageable: GB/s against the link's limit; needs CUDA",
    unit="copy",
    unit_meaning="one copy of a whole buffer over the link, in one direction: its size, counted once",
    kind="probe",
    module="workloads.probe.transfer",
    parameters=(
        Parameter(
            name="sizes_mib",
            default="1,16,256",
            meaning="sizes of the buffer, MiB, measured one after the other",
            choices=("whole numbers such as 1,16,256",),
            pattern=_SIZES,
        ),
        Parameter(
            name="direction",
            default="both",
            meaning="way of the copies; both are measured one after the other",
            choices=("both", "to-device", "to-host"),
        ),
        Parameter(
            name="memory",
            default="both",
            meaning="of the host: pinned, which the device reads by itself, or pageable, which the driver copies first",
            choices=("both", "pinned", "pageable"),
        ),
        *MACHINE,
    ),
)

LAUNCH = WorkloadEntry(
    name="probe/launch",
    help="the smallest kernels a second, eager, as a CUDA graph and waited for; on the CPU, operator calls a second",
    unit="launch",
    unit_meaning="one kernel on one number (on the CPU one call of that operator), with a synchronise in its case",
    kind="probe",
    module="workloads.probe.launch",
    parameters=(
        Parameter(
            name="inner",
            default=1000,
            meaning="launches a step, and of the graph; a hundredth of them where each is waited for",
            minimum=1,
            maximum=100_000,
        ),
        *MACHINE,
    ),
)

ATTENTION = WorkloadEntry(
    name="probe/attention",
    help="scaled dot-product attention by shape, causal or not, forward and backward: FLOP/s as FlashAttention counts",
    unit="call",
    unit_meaning="one attention over a whole batch of sequences, all heads; with its backward where the case says so",
    kind="probe",
    module="workloads.probe.attention",
    parameters=(
        Parameter(
            name="shapes",
            default=ByDevice(cpu="1x4x256x64,1x8x512x64", cuda="16x16x1024x128,4x16x4096x128,4x32x4096x64"),
            meaning="batch x heads x sequence length x dimension of a head, measured one after the other",
            choices=("shapes such as 16x16x1024x128,4x32x4096x64",),
            pattern=_SHAPES,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the numbers",
            choices=("float32", "bfloat16", "float16"),
        ),
        Parameter(
            name="backend",
            default="auto",
            meaning="torch's implementation; auto is the one that torch takes, cudnn and efficient need CUDA",
            choices=("auto", "flash", "cudnn", "efficient", "math"),
        ),
        Parameter(name="inner", default=ByDevice(cpu=1, cuda=4), meaning="calls a step", minimum=1, maximum=100_000),
        *MACHINE,
    ),
)

CONV = WorkloadEntry(
    name="probe/conv",
    help="the convolutions that ResNet-50 lives on, channels-last, forward and backward: FLOP/s by shape",
    unit="call",
    unit_meaning="one convolution of a batch of pictures; with its backward where the case says so",
    kind="probe",
    module="workloads.probe.conv",
    parameters=(
        Parameter(
            name="batch",
            default=ByDevice(cpu=4, cuda=256),
            meaning="pictures at once",
            minimum=1,
            maximum=100_000,
            takes_memory=True,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the numbers; tf32 (float32 rounded to 10 bits of mantissa) needs CUDA",
            choices=("float32", "tf32", "bfloat16", "float16"),
        ),
        Parameter(name="inner", default=ByDevice(cpu=1, cuda=4), meaning="calls a step", minimum=1, maximum=100_000),
        *MACHINE,
    ),
)

ALLREDUCE = WorkloadEntry(
    name="probe/allreduce",
    help="sums over all ranks: GB/s of bus bandwidth, as NCCL's own tests define it; needs --ranks 2 or more",
    unit="collective",
    unit_meaning="one all-reduce of a whole buffer over all ranks, each rank counting its share of the bus bytes",
    kind="probe",
    module="workloads.probe.allreduce",
    parameters=(
        Parameter(
            name="sizes_mib",
            default=ByDevice(cpu="1,16", cuda="1,16,256"),
            meaning="sizes of the buffer of float32 on each rank, MiB, measured one after the other",
            choices=("whole numbers such as 1,16,256",),
            pattern=_SIZES,
        ),
        Parameter(
            name="steps",
            default=ByDevice(cpu=20, cuda=200),
            meaning="collectives of each size; --duration comes before it",
            minimum=1,
            maximum=1_000_000,
        ),
        *MACHINE,
    ),
)

PROBES: Final = (MATMUL, COPY, TRANSFER, LAUNCH, ATTENTION, CONV, ALLREDUCE)
