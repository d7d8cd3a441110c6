"""The energy of the processor packages from RAPL, which Linux shows under /sys/class/powercap.

Each zone counts microjoules and begins at 0 again after `max_energy_range_uj` (Documentation/power/powercap of the
kernel). Since 2020 only root may read it (CVE-2020-8694). Zones named `package-N` hold cores, caches and graphics;
`intel-rapl-mmio` is the same counter by another way, and is left out. AMD's processors have them under this name too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from app.telemetry.proc_file import read_small

ENERGY: Final = "package_energy_j"
NONE: Final = "this machine gives no energy of its processors (RAPL, /sys/class/powercap)"
_ZONE: Final = re.compile(r"intel-rapl:\d+")


class PackageEnergy:
    """Counts from 0 from the first reading on, over all packages. `sys` is /sys, or a folder that looks like it."""

    def __init__(self, sys: Path) -> None:
        self._zones = _packages(sys / "class/powercap")
        self._before: dict[Path, int] = {}
        self._counted_uj = 0

    def read(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        """Put the joules so far into `readings`, or the reason into `absent`."""
        if not self._zones:
            absent[ENERGY] = NONE
            return
        try:
            now = {zone: int(read_small(f"{zone}/energy_uj")) for zone in self._zones}
            self._counted_uj += sum(_since(self._before.get(zone, uj), uj, zone) for zone, uj in now.items())
        except PermissionError as error:
            absent[ENERGY] = f"only root may read RAPL: {error.filename}"
            return
        except (OSError, ValueError) as error:
            absent[ENERGY] = f"RAPL cannot be read: {error}"
            return
        self._before = now
        readings[ENERGY] = self._counted_uj / 1e6


def _packages(powercap: Path) -> list[Path]:
    try:
        zones = sorted(path for path in powercap.iterdir() if _ZONE.fullmatch(path.name))
        return [zone for zone in zones if (zone / "name").read_text().startswith("package")]
    except OSError:
        return []


def _since(before_uj: int, now_uj: int, zone: Path) -> int:
    """Microjoules between two readings, of which the later may be behind the counter's end. Raises OSError."""
    if now_uj >= before_uj:
        return now_uj - before_uj
    return now_uj - before_uj + int(read_small(f"{zone}/max_energy_range_uj"))
