"""What the catalogue says of one workload, and the parameters that all of them share."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from workloads.parameters import ByDevice, Parameter
from workloads.wire.frames import Unit


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
    experiments: tuple[str, ...] = ()
    """What can be tried on it while it runs: see `entries.experiments`."""
    knobs: tuple[str, ...] = ()
    """Parameters that can be changed while it runs: see `entries.knobs`."""
    needs_weights: bool = False
    """Whether it serves what `train/` of the same name has trained: its weights, or a file of them."""

    def takes(self, name: str) -> bool:
        """Whether it has a parameter of that name."""
        return any(parameter.name == name for parameter in self.parameters)


DEVICE: Final = Parameter(
    name="device",
    default="auto",
    meaning="where to run; auto takes CUDA if it is usable, else the CPU",
    choices=("auto", "cpu", "cuda", "cuda:N"),
    pattern=r"auto|cpu|cuda(:\d+)?",
)
THREADS: Final = Parameter(
    name="threads", default=0, meaning="torch's threads on the CPU; 0 leaves it to torch", minimum=0, maximum=1024
)
MACHINE: Final = (DEVICE, THREADS)
"""Parameters of every workload, the last of its table."""

PRECISION: Final = Parameter(
    name="precision",
    default=ByDevice(cpu="float32", cuda="bfloat16"),
    meaning="of the main arithmetic; tf32 needs CUDA, bfloat16 is autocast over float32 weights",
    choices=("float32", "tf32", "bfloat16"),
)

SHARD: Final = Parameter(
    name="shard",
    default="ddp",
    meaning="of several ranks: ddp keeps the whole model on each, fsdp a part of weights, gradients and optimizer",
    choices=("ddp", "fsdp"),
)
"""A parameter of every training workload; one rank alone has nothing to share."""
