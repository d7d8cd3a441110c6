"""A finished session as a stream of frames: a process reads its tables and gives them on a pipe.

So the viewer never pays for reading Parquet, and a broken table cannot take it down. Never waits for
the process, and never leaves it behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence

from app.session.plain import plain
from app.session.planning.plan import MODULE_COMMAND
from app.session.sources.source import SLICE_BYTES, Slicer
from workloads.wire.frames import AnyFrame

REPLAY_COMMAND = (*MODULE_COMMAND, "app.analysis.replay")

PIPE_BYTES = 1 << 20
"""Asked of the kernel, so that between two looks the process seldom waits."""

LAST_WORDS_BYTES = 4096


class Replay:
    """A process that gives frames on its stdout. Raises OSError when it cannot be started."""

    def __init__(self, command: Sequence[str]) -> None:
        # A file takes whatever it prints; a pipe that nobody reads would hold it up.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._slicer = Slicer()
        self._drained = False
        self._failed = ""
        self.left_out = ""

    @property
    def damage(self) -> str:
        """As the protocol says."""
        return self._slicer.damage or self._failed

    def slices(self) -> Iterator[list[AnyFrame]]:
        """As the protocol says."""
        while not self.at_end:
            try:
                data = b"" if self._drained else os.read(self._pipe, SLICE_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._drained = True
                self._note_end()
                return
            yield self._slicer.frames(data)

    @property
    def at_end(self) -> bool:
        """As the protocol says."""
        return bool(self.damage) or (self._drained and self._process.returncode is not None)

    def close(self) -> None:
        """As the protocol says."""
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _note_end(self) -> None:
        """Its pipe has ended; once the process has too, its status says whether that was all."""
        if self._process.poll():
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - LAST_WORDS_BYTES))
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
            self._failed = plain(lines[-1]) if lines else f"replay ended with status {self._process.returncode}"
