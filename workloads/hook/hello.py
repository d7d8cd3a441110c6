"""Who speaks: the first message on the line."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import Any

from .messages import LONGEST_TEXT, Header
from .processor_name import processor_name

MOST_WORDS = 200
"""Of the command that are told."""


def hello(torch: Any, device: Any = None, dtype: Any = None) -> Header:
    """What is known by now. Asks nothing that would start CUDA."""
    rank = _number("RANK")
    world = _number("WORLD_SIZE")
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        rank, world = distributed.get_rank(), distributed.get_world_size()
    name = None
    if device is not None:
        cuda = device.type == "cuda" and torch.cuda.is_initialized()
        name = torch.cuda.get_device_name(device) if cuda else processor_name()
    return {
        "kind": "hello",
        "at_ns": time.monotonic_ns(),
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "argv": [word[:LONGEST_TEXT] for word in getattr(sys, "orig_argv", sys.argv)[:MOST_WORDS]],
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda,
        "rank": rank,
        "local_rank": _number("LOCAL_RANK"),
        "world_size": world,
        "device": None if device is None else str(device),
        "device_name": name,
        "precision": None if dtype is None else str(dtype).replace("torch.", ""),
        "threads": torch.get_num_threads(),
    }


def _number(name: str) -> int | None:
    value = os.environ.get(name, "")
    return int(value) if value.isdigit() else None
