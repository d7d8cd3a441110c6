"""`--via`: a command that stands in front of a worker or a sampler and forwards stdio, such as `ssh host`.

Words in, words out; nothing is started here.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import PurePath

from app.session.plan import Plan

CACHE = "~/.cache/benchtop"
"""Where a worker on another host leaves its files; under the home of whoever it runs as there."""

JOINS = frozenset({"ssh"})
"""Programs that join their arguments with blanks, for a shell on the other side to split again."""


def parse_via(text: str) -> tuple[str, ...]:
    """What was typed after --via → its words. Raises ValueError of one line."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"--via {text}: {error}; close the quotes") from None
    if not words:
        raise ValueError('--via: give a command that forwards stdio, such as --via "ssh host"')
    if shutil.which(words[0]) is None:
        raise ValueError(f"--via {text}: there is no command {words[0]!r} on this host; install it or give its path")
    return words


def behind(via: Sequence[str], command: Sequence[str]) -> tuple[str, ...]:
    """A command as the process that stands in front of it takes it."""
    joins = bool(via) and PurePath(via[0]).name in JOINS
    return (*via, *(map(shlex.quote, command) if joins else command))


def worker_command(plan: Plan) -> tuple[str, ...]:
    """How a worker of this plan is started."""
    return behind(plan.via, (*plan.worker, "--align")) if plan.via else plan.worker


def sampler_command(plan: Plan) -> tuple[str, ...]:
    """How a sampler of this plan is started."""
    command = (*plan.sampler, "--hz", f"{plan.telemetry_hz:g}")
    return behind(plan.via, (*command, "--align")) if plan.via else command


def folder_there(session: str) -> str:
    """The folder of a session on the other host."""
    return f"{CACHE}/{session}"
