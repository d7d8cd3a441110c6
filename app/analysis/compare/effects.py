"""What a difference of the environment is likely to do to a result, in a few words."""

from __future__ import annotations

from typing import Final

from workloads.speed_variables import reason_of

EFFECTS: Final[dict[str, str]] = {
    "workload": "another workload: nothing can be compared",
    "device": "another device does the work",
    "gpu": "another GPU: everything",
    "gpus": "another number of GPUs: power, heat and links are shared otherwise",
    "gpu_uuid": "another board: of one model they differ by a few per cent",
    "gpu_memory": "another GPU, or memory kept by ECC",
    "driver": "other launch costs, clocks and libraries",
    "vbios": "other clock and power tables",
    "inforom": "another board configuration",
    "power_limit": "clocks under load, and energy",
    "sm_clock_limit": "arithmetic, by their ratio",
    "memory_clock_limit": "memory bandwidth, by their ratio",
    "sm_clock_application": "arithmetic, by their ratio",
    "memory_clock_application": "memory bandwidth, by their ratio",
    "ecc": "memory bandwidth and size, where it is not in the memory itself",
    "mig": "a part of the GPU in the place of the whole",
    "persistence": "the first use of the GPU is slow, and clocks fall between runs",
    "pcie_generation": "copies from and to the host, twofold a generation",
    "pcie_width": "copies from and to the host, by their ratio",
    "pcie_width_now": "copies from and to the host: the link runs narrower than it could",
    "host": "another machine",
    "platform": "another system",
    "cpu": "everything that the host does: input, launches, collecting",
    "cores": "what the host does side by side",
    "threads": "what the host does side by side",
    "cpu_set": "what the host does side by side, and how near its memory is",
    "memory": "caches of files, and how much data fits",
    "governor": "clocks of the processor: latency of launches and of small work",
    "kernel": "scheduling, and guards against attacks",
    "cpu_limit": "the host is held back within each tenth of a second",
    "memory_limit": "caches of files; near the limit, everything",
    "interfaces": "communication between hosts",
    "python": "what the host does between launches",
    "benchtop": "the workload's own code may have changed",
    "torch": "kernels, fusion, and what an operator costs",
    "torch_threads": "work on the processor, side by side",
    "cuda": "kernels and their compiler",
    "cudnn": "convolutions and attention",
    "nccl": "communication between GPUs",
    "numpy": "input that is made on the host",
    "git_commit": "other code, where the workload is yours",
    "git_changes": "code that no commit has, where the workload is yours",
    "data_sha256": "other data: accuracy, and the cost of reading",
    "seed": "other weights, split and order: accuracy, hardly speed",
    "precision": "arithmetic and bytes",
    "ranks": "how many share the work",
    "duration_s": "how much is averaged, and how warm it gets",
    "steps": "how much is averaged, and how warm it gets",
    "warmup": "what still warms up while it is measured",
    "telemetry_hz": "the sampler's own cost",
    "clocks": "clocks under load",
}

PACKAGE: Final = "whatever uses it"
PARAMETER: Final = "part of the workload's configuration, which nobody set and which came out otherwise"
SET: Final = "set otherwise"
FOLLOWS: Final = "follows from what was set otherwise"
UNKNOWN: Final = "may change speed"


def effect_of(name: str, group: str) -> str:
    """Of a difference by its name, and the kind that it is of."""
    if group == "environment":
        return reason_of(name) or UNKNOWN
    if name in EFFECTS:
        return EFFECTS[name]
    return {"packages": PACKAGE, "parameters": PARAMETER}.get(group, UNKNOWN)
