"""What the kernel leaves to this process: the limits of its control groups, of either version, and of those above them.

A container is a control group, so these are its limits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NO_LIMIT: Final = 1 << 60
"""Bytes. The first version of control groups says "no limit" by a number near 2⁶³."""


def cpu_quota(proc: Path, sys: Path) -> float | None:
    """The smallest limit of this process's control groups, in processors. None: no limit."""
    quotas = [quota for folder in _groups(proc, sys, "cpu") if (quota := _quota_of(folder)) is not None]
    return min(quotas, default=None)


def memory_limit_bytes(proc: Path, sys: Path) -> int | None:
    """The smallest limit of this process's control groups, in bytes. None: no limit."""
    limits = [limit for folder in _groups(proc, sys, "memory") if (limit := _memory_of(folder)) is not None]
    return min(limits, default=None)


def _groups(proc: Path, sys: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control groups that can limit this, each with all above it."""
    root = sys / "fs/cgroup"
    try:
        lines = (proc / "self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        names = controllers.split(",")
        if controllers and controller not in names:
            continue
        base = (
            root
            if not controllers
            else next((root / name for name in (controllers, controller) if (root / name).is_dir()), root)
        )
        group = base / path.lstrip("/")
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(base))


def _quota_of(folder: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        limit = int((folder / "cpu.cfs_quota_us").read_text())
        return None if limit < 0 else limit / int((folder / "cpu.cfs_period_us").read_text())
    return None


def _memory_of(folder: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            text = (folder / name).read_text().strip()
            return None if text == "max" or int(text) > _NO_LIMIT else int(text)
    return None
