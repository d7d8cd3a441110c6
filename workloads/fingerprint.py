"""The environment as a worker sees it: interpreter, the main packages, and the variables that change speed.

Never imports torch, which takes seconds: a worker is heard before. `torch_facts` adds what only torch
knows; host and devices are the sampler's to describe.
"""

from __future__ import annotations

import os
import platform
import socket
import time
from importlib import metadata
from typing import Final

from workloads.speed_variables import speed_variables
from workloads.wire.frames import Fingerprint, Hello
from workloads.world import rank

_PACKAGES: Final = ("torch", "numpy", "scikit-learn", "msgspec")


def hello(fingerprint: Fingerprint) -> Hello:
    """A worker's Hello, with the clock pair of this instant."""
    return Hello(
        rank=rank(),
        role="worker",
        pid=os.getpid(),
        host=socket.gethostname(),
        monotonic_ns=time.monotonic_ns(),
        wall_ns=time.time_ns(),
        fingerprint=fingerprint,
    )


def without_torch() -> Fingerprint:
    """What is known before torch is imported."""
    return Fingerprint(
        platform=platform.platform(),
        python=platform.python_version(),
        benchtop=_version("benchtop"),
        torch=_version("torch"),
        packages={name: version for name in _PACKAGES if (version := _version(name))},
        environment=speed_variables(os.environ),
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
