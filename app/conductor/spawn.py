"""Starts a conductor that outlives whoever starts it.

It gets a session of its own (setsid), no terminal, and its own log file; a dropped line or a crash of
the starter costs the session nothing.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Sequence

from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder

READY_S = 20.0


class StartingConductor:
    """A conductor that was started and may not be ready yet. `wait_ready()` before the first command to it."""

    def __init__(self, folder: SessionFolder, streams: Sequence[int] = ()) -> None:
        """`streams`: what a command of the user's is to have: see `Start`."""
        self._folder = folder
        self._ready, said = os.pipe()
        given = ("--streams", *map(str, streams), "--") if streams else ()
        with folder.conductor_log.open("ab") as log:
            self.process = subprocess.Popen(
                (*MODULE_COMMAND, "app.conductor", "--ready-fd", str(said), *given, str(folder.path)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(said, *streams),
                start_new_session=True,
            )
        os.close(said)

    def wait_ready(self) -> None:
        """Return once it holds the session. Raises ValueError with its last words when it ended instead."""
        try:
            readable, _, _ = select.select((self._ready,), (), (), READY_S)
            ready = bool(readable) and os.read(self._ready, 16) != b""
        finally:
            os.close(self._ready)
        if not ready:
            words = self._folder.conductor_log.read_text(errors="replace").strip().splitlines()
            raise ValueError(
                f"the session could not be started: {words[-1] if words else 'the conductor did not answer'}"
            )
