"""The kinds of verdicts, and the side that each is about."""

from __future__ import annotations

from typing import Final, Literal, get_args

DeviceKind = Literal[
    "compute-bound",
    "bandwidth-bound",
    "low-occupancy",
    "tensor-cores-unused",
    "power-capped",
    "thermally-throttled",
    "memory-nearly-full",
    "allocator-churn",
]
HostKind = Literal[
    "input-bound",
    "launch-bound",
    "sync-bound",
    "transfer-bound",
    "recompiling",
    "garbage-collection",
    "cpu-contention",
    "too-many-threads",
    "swapping",
]
TimeKind = Literal["periodic-stall", "drift", "memory-growth", "warming-up"]
RanksKind = Literal["straggler", "communication-bound"]
InferenceKind = Literal[
    "generator-limited", "queue-saturated", "batch-too-small", "prefill-compute-bound", "decode-bandwidth-bound"
]

Kind = DeviceKind | HostKind | TimeKind | RanksKind | InferenceKind

SIDES: Final[dict[str, tuple[str, ...]]] = {
    "device": get_args(DeviceKind),
    "host": get_args(HostKind),
    "over time": get_args(TimeKind),
    "many ranks": get_args(RanksKind),
    "inference": get_args(InferenceKind),
}
"""By side, in the order in which help and tables show them."""

AT_THE_LIMIT: Final = frozenset(
    {"compute-bound", "bandwidth-bound", "power-capped", "prefill-compute-bound", "decode-bandwidth-bound"}
)
"""A healthy run has one of these: the device does what it can."""
