"""Which of the sampler's devices a CUDA device is: torch counts those that a process may see, NVML all there are.

For the hook, and for the workers of benchtop's own workloads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_DRIVER: Final = Path("/proc/driver/nvidia/gpus")
"""A folder for each device, named by its place on the PCI bus, which is the order that NVML counts in."""
_VISIBLE: Final = "CUDA_VISIBLE_DEVICES"


def gpu_name(index: int, uuid: str, environment: Mapping[str, str] = os.environ, driver: Path = _DRIVER) -> str:
    """`gpu0`, `gpu1` … of torch's `cuda:index`, by its UUID where the driver says which has it.

    Where it does not, by CUDA_VISIBLE_DEVICES, and in the end torch's own number: right where every device is seen.
    """
    for place, found in enumerate(_uuids(driver)):
        if uuid and found == _bare(uuid):
            return f"gpu{place}"
    visible = environment.get(_VISIBLE, "").split(",")
    if all(name.strip().isdecimal() for name in visible) and index < len(visible):
        return f"gpu{int(visible[index])}"
    return f"gpu{index}"


def _uuids(driver: Path) -> list[str]:
    try:
        texts = [(folder / "information").read_text() for folder in sorted(driver.iterdir())]
    except OSError:
        return []
    found = (re.search(r"^GPU UUID:\s*(\S+)", text, re.MULTILINE) for text in texts)
    return [_bare(match[1]) if match else "" for match in found]


def _bare(uuid: str) -> str:
    return uuid.removeprefix("GPU-").lower()
