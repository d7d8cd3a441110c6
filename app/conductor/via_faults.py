"""What the end of a command in front of a worker means: its status and last words → a Failure in one clear line.

Pure. What the worker's own end means is in `faults`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from workloads.wire.frames import Failure

ORPHANED = 113
"""Exit status of a worker whose stdin has ended: `workloads.orders`, which nothing but a worker imports."""
NOT_FOUND = (126, 127)
"""Of a shell or a container runtime: the command is not there, or may not be run."""
LINE_BROKE = 255
"""Of ssh, for an error of its own; and for a command that a signal ended, whose number it does not tell."""

_NO_MODULE = re.compile(r"No module named '?([\w.]+)")
_NO_PYTHON = re.compile(r"no such file or directory|not found|cannot execute|permission denied", re.IGNORECASE)


def failure_before_hello(
    status: int, words: Sequence[str], *, via: Sequence[str], python: str, run: int, at_ns: int
) -> Failure:
    """A command that ended before the worker behind it said anything."""
    text = "\n".join(words)
    message, remedy = _before_hello(status, words, text, shlex.join(via), python)
    return Failure(run=run, at_ns=at_ns, kind="cannot-start", message=message, remedy=remedy, detail=text)


def _before_hello(status: int, words: Sequence[str], text: str, via: str, python: str) -> tuple[str, str]:
    # The reason comes first: a long command behind it may be cut off on a narrow screen.
    if missing := _NO_MODULE.search(text):
        said = f"{python} has no benchtop (No module named {missing[1]}) behind `{via}`"
        return said, "install benchtop there, in the same version, or name its Python with --via-python"
    if "nknown option: -P" in text:
        return f"{python} is older than Python 3.11 behind `{via}`", "name another with --via-python"
    if status in NOT_FOUND and (python in text or _NO_PYTHON.search(text)):
        return (
            f"{python} cannot be run ({_last(words)}) behind `{via}`",
            "name the Python of benchtop there with --via-python",
        )
    if status == ORPHANED:
        return f"stdin does not reach the worker behind `{via}`", "docker exec and kubectl exec need -i"
    said = f"{_last(words)}: `{via}` {ended(status)}" if words else f"`{via}` {ended(status)} and said nothing"
    return said, f"try `{via} true` in a shell: it must succeed without asking anything"


def failure_of_old(*, via: Sequence[str], run: int, at_ns: int) -> Failure:
    """A worker that does not know of clocks."""
    return Failure(
        run=run,
        at_ns=at_ns,
        kind="cannot-start",
        message=f"the benchtop behind `{shlex.join(via)}` is too old: it cannot align its clock",
        remedy="install the same version there as here",
    )


def failure_of_line(status: int, words: Sequence[str], *, via: Sequence[str], run: int, at_ns: int) -> Failure:
    """A command that ended while the worker behind it was at work, and not with that worker's own status."""
    said = f" ({_last(words)})" if words else ""
    return Failure(
        run=run,
        at_ns=at_ns,
        kind="killed",
        message=f"the line to the worker broke{said}: `{shlex.join(via)}` {ended(status)}",
        remedy="the connection was lost, or the worker was killed there, for want of memory perhaps",
        detail="\n".join(words),
    )


def ended(status: int) -> str:
    """How a process came to its end, by its exit status: `was ended by signal 9`."""
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _last(words: Sequence[str]) -> str:
    """The line that says why: the last that is no mere warning of ssh."""
    return next((line for line in reversed(words) if not line.startswith("Warning:")), "it said nothing")
