"""What the processor calls itself: runs on one are held against what probes measured on it by this name."""

from __future__ import annotations

import platform
import re
from pathlib import Path


def processor_name(facts: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's model, as the kernel says it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", facts.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()
