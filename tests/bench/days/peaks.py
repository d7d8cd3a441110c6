"""The processes that make tables, with a word about what they took at the end."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from pathlib import Path

from app.analysis.finishing import finish, roll

MAINS = {"roll": roll.main, "finish": finish.main}


def noting(what: str, arguments: Sequence[str]) -> int:
    """Do it → its exit status. The most memory that it had, and its processor time, go into a file `peaks`."""
    status = MAINS[what](arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    with (Path(arguments[-1]) / "peaks").open("a") as peaks:
        print(what, used.ru_maxrss * 1024, round(used.ru_utime + used.ru_stime, 2), file=peaks)
    return status
