"""How many processes the kernel has ended for want of memory: a counter that it keeps since boot."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_VMSTAT: Final = Path("/proc/vmstat")


def oom_kills(vmstat: Path = _VMSTAT) -> int | None:
    """How many since boot; None where the kernel does not count them."""
    try:
        lines = vmstat.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def oom_kills_since(before: int | None) -> bool:
    """Whether there were more since it was so many."""
    kills = oom_kills()
    return kills is not None and before is not None and kills > before
