"""What the doctor reads of the machine itself: processors, battery, disk, terminal. Drivers are not asked here."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.doctor.diagnosis import Folder, Processors, Terminal
from app.ui.terminal.capabilities import colours


def processors(proc: Path, sys: Path) -> Processors:
    """How many there are, and how many are left to this process."""
    return Processors(
        machine=os.cpu_count(),
        allowed=len(os.sched_getaffinity(0)),
        quota=cpu_quota(proc, sys),
        load_1m=_load_1m(proc),
    )


def cpu_quota(proc: Path, sys: Path) -> float | None:
    """The smallest limit of this process's control groups and of those above them, in processors. None: no limit."""
    quotas = [quota for folder in _cpu_groups(proc, sys) if (quota := _quota_of(folder)) is not None]
    return min(quotas, default=None)


def on_battery(sys: Path) -> bool | None:
    """Whether a battery is being drained; None where there is none."""
    states: list[str] = []
    for supply in sorted((sys / "class/power_supply").glob("*")):
        with contextlib.suppress(OSError):
            if (supply / "type").read_text().strip() == "Battery" and not _is_of_a_peripheral(supply):
                states.append((supply / "status").read_text().strip())
    return "Discharging" in states if states else None


def sessions_folder(home: Path) -> Folder:
    """The folder of sessions, and how much its disk can still take. It need not be there yet."""
    there = next((folder for folder in (home, *home.parents) if folder.exists()), Path("/"))
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Folder(path=str(home), reason=error.strerror or str(error))
    if not os.access(there, os.W_OK | os.X_OK):
        return Folder(path=str(home), reason=f"{there} may not be written to")
    return Folder(path=str(home), free_bytes=free)


def terminal(environment: Mapping[str, str]) -> Terminal:
    """What the environment says of it."""
    return Terminal(name=environment.get("TERM", ""), colours=colours(environment))


def _load_1m(proc: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return float((proc / "loadavg").read_text().split()[0])
    return None


def _cpu_groups(proc: Path, sys: Path) -> Iterator[Path]:
    """The folders of this process's control groups that can limit processors, each with all above it."""
    root = sys / "fs/cgroup"
    try:
        lines = (proc / "self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        names = controllers.split(",")
        if controllers and "cpu" not in names:
            continue
        base = (
            root
            if not controllers
            else next((root / name for name in (controllers, "cpu") if (root / name).is_dir()), root)
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


def _is_of_a_peripheral(supply: Path) -> bool:
    """A mouse has a battery too."""
    with contextlib.suppress(OSError):
        return (supply / "scope").read_text().strip() == "Device"
    return False
