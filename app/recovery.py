"""What every command does when it meets a session that nobody ended: make tables of what its journal holds.

The work is done by a process of its own, so that no command pays for Polars only because it looked.
"""

from __future__ import annotations

import subprocess
import sys

from app.session.plain import plain
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder
from app.session.store.lock import has_just_begun, is_locked


def is_interrupted(folder: SessionFolder) -> bool:
    """Whether the session was never finished, its journal not removed afterwards, or its manifest was lost since, and
    nobody is at it any more.

    One that was only just planned is not: it is about to begin.
    """
    unfinished = folder.journal.exists() or not folder.has_sound_manifest()
    return unfinished and not has_just_begun(folder) and not is_locked(folder)


def recover(folder: SessionFolder) -> str:
    """Finish an interrupted session → one line that says what was found. Raises ValueError when it cannot be done."""
    command = (*MODULE_COMMAND, "app.analysis.finishing.finish", str(folder.path))
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode or not folder.has_sound_manifest():
        if is_locked(folder):
            return f"session {folder.name} is just being saved by another benchtop: this is what there is by now"
        words = done.stderr.strip().splitlines()
        raise ValueError(words[-1] if words else f"session {folder.name} cannot be recovered")
    manifest = folder.read_manifest()
    if manifest.remade:
        return f"session {folder.name}: {manifest.remade}"
    recovery = manifest.recovery
    if recovery is None:
        return f"session {folder.name} is saved now"
    lost = f"; {recovery.reason}" if recovery.reason else ""
    return f"session {folder.name} was interrupted: recovered all {recovery.frames:,} whole frames{lost}"


def recovered(folder: SessionFolder, *, required: bool = True) -> SessionFolder:
    """The session, made whole first when nobody ended it, which is said on stderr.

    Raises ValueError when that cannot be done and is `required`.
    """
    if is_interrupted(folder):
        try:
            print(f"benchtop: {plain(recover(folder))}", file=sys.stderr)
        except ValueError as error:
            if required and not folder.has_sound_manifest():
                raise
            print(f"benchtop: {plain(str(error))}", file=sys.stderr)
    return folder
