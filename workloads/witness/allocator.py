"""What torch's caching allocator holds of a GPU, told as gauges, and each of its retries as an event."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch

from workloads.hook.gpu_name import gpu_name
from workloads.recorder import Recorder
from workloads.wire.frames import Event, Gauges

Stats = Mapping[str, Any]


class Allocator:
    """The allocator of one device."""

    def __init__(
        self,
        recorder: Recorder,
        device: str,
        stats: Callable[[], Stats],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`device` as the sampler names it; `stats` are those of `torch.cuda.memory_stats_as_nested_dict`."""
        self._recorder, self._device, self._stats, self._clock = recorder, device, stats, clock
        self._retries: int | None = None

    def tell(self) -> None:
        """Read and tell: some ten microseconds, and no word to the device. Nothing before torch has used it."""
        stats, now_ns = self._stats(), self._clock()
        if not stats:
            return
        retries = int(stats["num_alloc_retries"])
        readings = {
            "torch_allocated_bytes": float(stats["allocated_bytes"]["all"]["current"]),
            "torch_reserved_bytes": float(stats["reserved_bytes"]["all"]["current"]),
            "torch_retries": float(retries),
        }
        if "num_device_alloc" in stats:
            readings["torch_device_mallocs"] = float(stats["num_device_alloc"])
        self._recorder.aside(Gauges(at_ns=now_ns, device=self._device, source="torch", readings=readings))
        if self._retries is not None and retries > self._retries:
            text = f"{retries - self._retries} since the last look: cached memory was given back to the device first"
            self._recorder.aside(Event(at_ns=now_ns, kind="allocator-retry", text=text))
        self._retries = retries


def allocator_of(device: torch.device, recorder: Recorder) -> Allocator | None:
    """That of a CUDA device; None on the CPU, whose allocator keeps no books."""
    if device.type != "cuda":
        return None
    index = device.index or 0
    uuid = getattr(torch.cuda.get_device_properties(index), "uuid", "")
    return Allocator(recorder, gpu_name(index, str(uuid)), lambda: torch.cuda.memory_stats_as_nested_dict(index))
