"""The environment once torch is there: its threads, CUDA, cuDNN and NCCL, and beside them every package.

The packages are told here and not before: who waits for a worker's first word does not wait for a listing.

Never the devices: torch numbers those that it may see, the driver numbers all, and the sampler asks the driver.
"""

from __future__ import annotations

import os
import sys

import msgspec
import torch

from workloads.hook.processor_name import processor_name
from workloads.installed import installed
from workloads.wire.frames import Fingerprint
from workloads.world import rank


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
        nccl=_nccl(),
        # Of many ranks one says it: it is long, and the same for all.
        packages=installed(sys.path) if rank() == 0 else early.packages,
    )


def _cudnn() -> str | None:
    """91002 → `9.10.2`."""
    if torch.version.cuda is None:
        return None
    version: int | None = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return None if version is None else f"{version // 10000}.{version % 10000 // 100}.{version % 100}"


def _nccl() -> str | None:
    """(2, 27, 5) → `2.27.5`; the library need not be used for it."""
    if torch.version.cuda is None or not torch.distributed.is_available() or not torch.distributed.is_nccl_available():
        return None
    version = torch.cuda.nccl.version()  # type: ignore[no-untyped-call]
    return ".".join(map(str, version[:3]))
