"""What the doctor reads of the machine itself: processors, battery, disk, terminal. Drivers are not asked here."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from app.doctor.diagnosis import Folder, Processors, Terminal
from app.telemetry.control_groups import cpu_quota
from app.ui.terminal.capabilities import colours


def processors(proc: Path, sys: Path) -> Processors:
    """How many there are, and how many are left to this process."""
    return Processors(
        machine=os.cpu_count(),
        allowed=len(os.sched_getaffinity(0)),
        quota=cpu_quota(proc, sys),
        load_1m=_load_1m(proc),
    )


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


def _is_of_a_peripheral(supply: Path) -> bool:
    """A mouse has a battery too."""
    with contextlib.suppress(OSError):
        return (supply / "scope").read_text().strip() == "Device"
    return False
