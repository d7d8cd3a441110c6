"""The environment as a worker sees it: interpreter, the main packages, and the variables that change speed.

Never imports torch, which takes seconds: a worker is heard before. `torch_facts` adds what only torch
knows; host and devices are the sampler's to describe.
"""

from __future__ import annotations

import os
import platform
import socket
import time
from functools import cache
from importlib import metadata
from typing import Final

from msgspec.structs import replace

from workloads.speed_variables import speed_variables
from workloads.wire.frames import Fingerprint, Hello
from workloads.world import rank

_PACKAGES: Final = ("torch", "numpy", "scikit-learn", "msgspec")


def hello(fingerprint: Fingerprint, of_rank: int | None = None) -> Hello:
    """A worker's Hello, with the clock pair of this instant; of this process's own rank, unless another is told."""
    return Hello(
        rank=rank() if of_rank is None else of_rank,
        role="worker",
        pid=os.getpid(),
        host=socket.gethostname(),
        monotonic_ns=time.monotonic_ns(),
        wall_ns=time.time_ns(),
        fingerprint=fingerprint,
    )


def without_interpreter() -> Fingerprint:
    """Of this host and this benchtop alone."""
    return Fingerprint(
        platform=platform.platform(), benchtop=_version("benchtop"), environment=speed_variables(os.environ)
    )


def without_torch() -> Fingerprint:
    """What is known before torch is imported."""
    return replace(
        without_interpreter(),
        python=platform.python_version(),
        torch=_version("torch"),
        packages={name: version for name in _PACKAGES if (version := _version(name))},
    )


@cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
