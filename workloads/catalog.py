"""The catalogue: every workload's name, what it does, and what can be set.

Standard library and msgspec only, since processes that must start at once read it. It never imports
a workload: `module` says where one is, and only a worker goes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from workloads.parameters import ByDevice, DeviceKind, Parameter, named_near
from workloads.wire.frames import Unit, Value

__all__ = [
    "CATALOG",
    "ByDevice",
    "DeviceKind",
    "Parameter",
    "WorkloadEntry",
    "complete",
    "find_workload",
    "parse_settings",
]


class WorkloadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One workload."""

    name: str
    help: str
    """One line."""
    unit: Unit
    unit_meaning: str
    """What one unit of work is."""
    kind: Literal["training", "inference", "probe"]
    module: str
    """Dotted path of the module whose `run` does the work."""
    parameters: tuple[Parameter, ...]


_DEVICE = Parameter(
    name="device",
    default="auto",
    meaning="where to run; auto takes CUDA if it is usable, else the CPU",
    choices=("auto", "cpu", "cuda", "cuda:N"),
    pattern=r"auto|cpu|cuda(:\d+)?",
)
_THREADS = Parameter(
    name="threads", default=0, meaning="torch's threads on the CPU; 0 leaves it to torch", minimum=0, maximum=1024
)
_MACHINE = (_DEVICE, _THREADS)

_TRAIN_DIGITS = WorkloadEntry(
    name="train/digits",
    help="train a small convolutional net on scikit-learn's handwritten digits",
    unit="sample",
    unit_meaning="one 8×8 image through forward, backward and its share of the optimizer's step",
    kind="training",
    module="workloads.train.digits",
    parameters=(
        Parameter(
            name="epochs",
            default=ByDevice(cpu=60, cuda=800),
            meaning="passes over the 1,437 training images",
            minimum=1,
            maximum=1_000_000,
        ),
        Parameter(
            name="batch",
            default=ByDevice(cpu=64, cuda=256),
            meaning="images a step; what does not fill a batch at the end of an epoch is left out of it",
            minimum=1,
            maximum=1437,
            takes_memory=True,
        ),
        Parameter(
            name="width",
            default=ByDevice(cpu=48, cuda=512),
            meaning="channels of the first convolution; the later ones have twice and four times as many",
            minimum=1,
            maximum=4096,
            takes_memory=True,
        ),
        Parameter(
            name="learning_rate",
            default=0.001,
            meaning="AdamW's learning rate, the same throughout",
            minimum=0.0,
            maximum=10.0,
        ),
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the main arithmetic; tf32 needs CUDA, bfloat16 is autocast over float32 weights",
            choices=("float32", "tf32", "bfloat16"),
        ),
        Parameter(
            name="evaluate_every",
            default=1,
            meaning="epochs between two looks at the held-out images",
            minimum=1,
            maximum=1_000_000,
        ),
        *_MACHINE,
    ),
)

_INFER_DIGITS = WorkloadEntry(
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
        Parameter(
            name="precision",
            default=ByDevice(cpu="float32", cuda="bfloat16"),
            meaning="of the main arithmetic; tf32 needs CUDA, bfloat16 is autocast over float32 weights",
            choices=("float32", "tf32", "bfloat16"),
        ),
        *_MACHINE,
    ),
)

_PROBE_MATMUL = WorkloadEntry(
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
        *_MACHINE,
    ),
)

_PROBE_COPY = WorkloadEntry(
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
        *_MACHINE,
    ),
)

CATALOG: tuple[WorkloadEntry, ...] = (_TRAIN_DIGITS, _INFER_DIGITS, _PROBE_MATMUL, _PROBE_COPY)


def find_workload(name: str) -> WorkloadEntry:
    """The workload of that name. Raises ValueError, one line with the near misses."""
    for entry in CATALOG:
        if entry.name == name:
            return entry
    raise ValueError(named_near(name, (entry.name for entry in CATALOG), "workload"))


def parse_settings(entry: WorkloadEntry, settings: Mapping[str, str]) -> dict[str, Value]:
    """What a user typed, typed and checked. Raises ValueError with near misses, range or choices."""
    return {name: _parameter(entry, name).parse(text) for name, text in settings.items()}


def complete(entry: WorkloadEntry, given: Mapping[str, Value], device_kind: DeviceKind) -> dict[str, Value]:
    """Every parameter of the workload: what was given, checked, and the device's defaults. Raises ValueError."""
    checked = {name: _parameter(entry, name).check(value) for name, value in given.items()}
    return {p.name: checked.get(p.name, p.default_for(device_kind)) for p in entry.parameters}


def _parameter(entry: WorkloadEntry, name: str) -> Parameter:
    for parameter in entry.parameters:
        if parameter.name == name:
            return parameter
    raise ValueError(named_near(name, (p.name for p in entry.parameters), f"parameter of {entry.name} named"))
