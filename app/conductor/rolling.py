"""Has closed segments made into parts while the session goes on, by a process of its own.

One at a time, with one thread at the lowest priority. Whatever becomes of it costs the session nothing: a segment that
is in no part stays, is tried again when the next one is closed, and becomes one at the latest when the session is
finished.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Final

from app.conductor.child import end_with_parent
from app.conductor.record import Record, RecordClosed
from app.conductor.via_faults import ended
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder
from workloads.wire.frames import Log

ROLL: Final = (*MODULE_COMMAND, "app.analysis.finishing.roll")

ONE_THREAD: Final = {"POLARS_MAX_THREADS": "1"}
"""What is measured beside it has the other processors for itself."""


NICE: Final = 19
"""Lowest of all, also for the disk as long as nothing else is said."""


def _in_the_background() -> None:
    """Between fork and exec."""
    end_with_parent()
    os.nice(NICE)


class Rolling:
    """Of one session. `run()` until it is cancelled."""

    def __init__(self, folder: SessionFolder, record: Record, command: tuple[str, ...] = ROLL) -> None:
        self._folder = folder
        self._record = record
        self._command = command
        self._closed = asyncio.Event()
        self._failed = False
        record.on_closed = self._closed.set

    async def run(self) -> None:
        """Roll whenever a segment was closed. When it is cancelled the process is ended, and waited for."""
        while True:
            await self._closed.wait()
            self._closed.clear()
            complaint = await self._roll()
            if complaint and not self._failed:
                self._failed = True
                self._say(f"a closed segment stays as it is until the end of the session: {complaint}")

    async def _roll(self) -> str:
        """One process → why it failed, in a line; empty where it did not."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                str(self._folder.path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **ONE_THREAD},
                start_new_session=True,
                preexec_fn=_in_the_background,
            )
        except OSError as error:
            return f"{error.strerror}: {self._command[0]}"
        try:
            _, said = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
        if not process.returncode:
            return ""
        words = said.decode(errors="replace").strip().splitlines()
        return words[-1] if words else f"it {ended(process.returncode)}"

    def _say(self, text: str) -> None:
        with contextlib.suppress(RecordClosed):
            self._record.put(Log(at_ns=self._record.now(), level="warning", text=text))
