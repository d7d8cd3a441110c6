"""Where sessions are and whether one is held, by names alone: for who must know before anything else is imported.

Standard library's smallest parts only. Everybody else asks `folder` and `lock`, which rest on this.
"""

from __future__ import annotations

import fcntl
import os

TYPE_CHECKING = False  # see `skeleton`: nothing is imported that is not needed to run
if TYPE_CHECKING:
    from collections.abc import Mapping

LOCK = "lock"
"""The file in a session's folder that its lock is on."""


def home_path(environment: Mapping[str, str]) -> str:
    """`$BENCHTOP_HOME/sessions`, else `$XDG_STATE_HOME/benchtop/sessions`, else under `~/.local/state`."""
    if home := environment.get("BENCHTOP_HOME"):
        return os.path.join(os.path.abspath(home), "sessions")  # noqa: PTH100, PTH118 - pathlib takes longer to import
    state = environment.get("XDG_STATE_HOME") or "~/.local/state"
    return os.path.join(os.path.abspath(os.path.expanduser(state)), "benchtop", "sessions")  # noqa: PTH100, PTH111, PTH118


def is_held(lock: str) -> bool:
    """Whether some process holds the lock on that file."""
    try:
        file = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def newest_held(home: str, most: int = 50) -> str | None:
    """The name of the newest session that is running, among the newest `most`; None when there is none."""
    try:
        names = sorted(os.listdir(home), reverse=True)  # noqa: PTH208
    except OSError:
        return None
    return next((name for name in names[:most] if name[0] != "." and is_held(f"{home}/{name}/{LOCK}")), None)
