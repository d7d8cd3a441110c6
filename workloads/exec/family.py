"""The processes below this one: who they are, and their end. Linux; elsewhere nobody is known.

A process that adopts (see `adopt`) is the parent of whatever below it loses its own, so that a daemon, or a child in
a session of its own, is still found.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from typing import Final

from workloads.children import children_of

_PR_SET_CHILD_SUBREAPER: Final = 36
"""From <linux/prctl.h>."""

SWEEPS: Final = 1_000
"""Rounds of killing, at most: what is started faster than that, or may not be killed by us, is beyond help."""
_SWEEP_S: Final = 0.005


def adopt() -> None:
    """Become the parent of every process below this one whose parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root: int | None = None) -> list[int]:
    """All processes below one (below this one), parents before their children. Zombies are among them."""
    found: list[int] = []
    waiting = [os.getpid() if root is None else root]
    while waiting:
        children = children_of(waiting.pop())
        found += children
        waiting += children
    return found


def reap() -> dict[int, int]:
    """Take the ends of children → exit status of each that has ended, negative for a signal."""
    ended: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def send(pids: list[int], number: int) -> None:
    """A signal to each; those that are gone are no error."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def kill_all() -> dict[int, int]:
    """End everything below this process and wait for it → what `reap` found.

    Each round first stops whoever is there, so that nobody starts more while others are being ended.
    """
    ended: dict[int, int] = {}
    for _ in range(SWEEPS):
        there = descendants()
        if not there:
            break
        send(there, signal.SIGSTOP)
        send(descendants(), signal.SIGKILL)
        ended |= reap()
        time.sleep(_SWEEP_S)
    return ended
