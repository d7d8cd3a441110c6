"""The folder in which a session was started, as git sees it: which commit, and what is not committed.

A session must start where git is missing, slow or confused, so every failure means "not known". Nothing that the
repository configures is run: neither its monitors nor its filters for differences.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path
from typing import Final, NamedTuple

PATIENCE_S: Final = 2.0
"""For all that git is asked; a repository that takes longer is not known."""

_GIT: Final = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")
_COMMIT: Final = ("rev-parse", "--verify", "--quiet", "HEAD")
_STATUS: Final = ("status", "--porcelain=v1", "-z")
_CHANGES: Final = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--binary")


class WorkingFolder(NamedTuple):
    """What git says."""

    commit: str | None = None
    """None: in no repository, or not known."""
    changes: str | None = None
    """The same for the same changes, files that are not tracked by their names alone; empty: there are none."""


async def working_folder(path: Path) -> WorkingFolder:
    """The commit and the changes of the repository that a folder is in."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            commit, status, changes = await asyncio.gather(
                *(_ask(path, *words) for words in (_COMMIT, _STATUS, _CHANGES))
            )
            if commit is None:
                return WorkingFolder()
            if status is None or changes is None:
                return WorkingFolder(commit.decode().strip())
            digest = hashlib.sha256(status + changes).hexdigest()[:12] if status or changes else ""
            return WorkingFolder(commit.decode().strip(), digest)
    return WorkingFolder()


async def _ask(path: Path, *words: str) -> bytes | None:
    """What one command of git prints; None where it fails. It never outlives this call."""
    process = await asyncio.create_subprocess_exec(
        *_GIT,
        *words,
        cwd=path,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return None if process.returncode else said
