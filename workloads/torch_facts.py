"""The environment as torch sees it: its threads, CUDA and cuDNN.

Never the devices: torch numbers those that it may see, the driver numbers all, and the sampler asks the driver.
"""

from __future__ import annotations

import os

import msgspec
import torch

from workloads.device import processor_name
from workloads.wire.frames import Fingerprint


def with_torch(early: Fingerprint) -> Fingerprint:
    """The fingerprint and what torch knows. Call once the number of threads and the device are chosen."""
    return msgspec.structs.replace(
        early,
        cpu=processor_name(),
        threads=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        torch=str(torch.__version__),
        torch_threads=torch.get_num_threads(),
        cuda=torch.version.cuda,
        cudnn=_cudnn(),
    )


def _cudnn() -> str | None:
    """91002 → `9.10.2`."""
    if torch.version.cuda is None:
        return None
    version: int | None = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return None if version is None else f"{version // 10000}.{version % 10000 // 100}.{version % 100}"
