"""Which roof a device works under: arithmetic or memory, from what its units were busy with. Pure.

The model is the roofline (Williams, Waterman and Patterson 2009), with counters in the place of operations and bytes.
"""

from __future__ import annotations

from typing import Final, Literal

from app.verdicts.rules.readings import Activity

BUSY: Final = 80.0
"""Per cent of the time in which the compute engine has work. With less, more than a fifth of the time is not the
device's, and what keeps it waiting is to be told first."""
SM_ACTIVE: Final = 80.0
"""Per cent. NVIDIA's DCGM guide, profiling metrics: 0.8 is necessary, though not sufficient, for effective use."""
SM_INEFFECTIVE: Final = 50.0
"""Per cent. The same guide: below 0.5 the use is likely ineffective."""
SATURATED: Final = 60.0
"""Per cent of a unit's or the memory's peak from which on it is called the limit: Nsight Compute's rule
SOLBottleneck (`latency_bound_threshold`) takes less of both for waiting, and not for work."""
LARGEST_DRAM: Final = 88.7
"""Per cent of memory clock × bus width that copies of 2 GiB reach on an H200, by the same counter."""
LARGEST_ARITHMETIC: Final = 93.3
"""Per cent that the tensor cores read there during products of 8192³ in bfloat16; DCGM's own load reaches as much."""
FEW: Final = 25.0
"""Per cent of arithmetic and memory, below which neither explains why the device is busy."""

Roof = Literal["arithmetic", "memory"]


def works(activity: Activity) -> bool | None:
    """Whether the device has work nearly all the time; None where it does not say."""
    if activity.busy is not None:
        return activity.busy >= BUSY
    return None if activity.sm is None else activity.sm >= SM_ACTIVE


def under(activity: Activity) -> Roof | None:
    """The part that is nearer to the most that it can be; None where neither is known."""
    if activity.dram is None and activity.arithmetic is None:
        return None
    memory = (activity.dram or 0.0) / LARGEST_DRAM
    arithmetic = (activity.arithmetic or 0.0) / LARGEST_ARITHMETIC
    return "memory" if memory > arithmetic else "arithmetic"


def is_sparse(activity: Activity) -> bool:
    """Whether the device is busy with kernels that use little of it: few multiprocessors, or few warps on each."""
    if activity.busy is None or activity.sm is None or activity.busy < BUSY:
        return False
    if max(activity.dram or 0.0, activity.arithmetic or 0.0) >= SATURATED:
        return False
    return activity.sm < SM_INEFFECTIVE or has_few_warps(activity)


FEW_WARPS: Final = 15.0
"""Per cent of resident warps. Alone it means nothing (DCGM: higher occupancy is not better use; a Hopper product needs
12 % of its warps to fill the tensor cores), so it counts only where arithmetic and memory are idle as well."""


def has_few_warps(activity: Activity) -> bool:
    """Whether multiprocessors wait because they have too few warps to switch between."""
    known = (activity.occupancy, activity.dram, activity.arithmetic)
    if any(value is None for value in known):
        return False
    occupancy, dram, arithmetic = known
    return bool(occupancy < FEW_WARPS and max(dram, arithmetic) < FEW)  # type: ignore[operator,type-var]
