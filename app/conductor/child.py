"""A child process that speaks frames on its stdout and takes commands on its stdin.

It is started in a session of its own, so that ending it ends what it started too. Knows nothing of
runs, plans or journals: whole frames and stderr lines go to the two callables that it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence

from workloads.wire.commands import AnyCommand
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import DamagedStream, FrameReader, UnknownVersion, frame_bytes

READ_BYTES = 1 << 16
"""At once; a busy pipe is read on at the next turn of the loop, so that no one worker fills the memory.

Pieces from 128 KiB on leave holes in the heap."""
PIPE_BYTES = 1 << 20
"""Asked of the kernel for the frame pipe; a worker's sender then rarely waits."""

STDERR_LINES = 40
"""How much of the end of stderr is kept for a failure's detail."""

DRAIN_S = 2.0
"""How long pipes are read on after its end, should a process outside its session still hold them open."""

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""

FrameSink = Callable[[bytes, list[AnyFrame]], None]
"""Takes the bytes of whole frames as they came, and the same frames decoded (without those of unknown kinds)."""


_prctl = ctypes.CDLL(None).prctl


def end_with_parent() -> None:
    """Between fork and exec: whatever the command is, and even if it is stopped, it dies with the conductor."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """One running process. Make it with `Child.start`."""

    def __init__(self, process: asyncio.subprocess.Process, frames: int, errors: int) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._rest = b""
        self._error_rest = b""
        self._open = {frames, errors}
        self._drained: asyncio.Future[None] = self._loop.create_future()
        self.pid = process.pid
        self.stderr: deque[str] = deque(maxlen=STDERR_LINES)
        """The last lines that it wrote to stderr."""
        self.damage: str | None = None
        """Why its stream could not be read on, once that has happened; it was killed then."""

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        on_frames: FrameSink,
        on_line: Callable[[str], None],
        *,
        inherited: Sequence[int] = (),
    ) -> Child:
        """Start a command, which gets these file descriptors too. Raises OSError when it cannot be started."""
        frames, frames_end = os.pipe()
        errors, errors_end = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(frames, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=frames_end,
                stderr=errors_end,
                start_new_session=True,
                pass_fds=tuple(inherited),
                preexec_fn=end_with_parent,
            )
        except OSError:
            os.close(frames)
            os.close(errors)
            raise
        finally:
            os.close(frames_end)
            os.close(errors_end)
        child = cls(process, frames, errors)
        child._listen(frames, lambda data: child._take_frames(data, on_frames))
        child._listen(errors, lambda data: child._take_lines(data, on_line))
        return child

    async def send(self, command: AnyCommand) -> None:
        """Tell it something. A process that is gone or does not listen is no error: its end says more."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):
            stdin.write(frame_bytes(command))
            await stdin.drain()

    def close_stdin(self) -> None:
        """End of file: every child of benchtop takes it as the order to end."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def end(self, ended: asyncio.Future[int], grace_s: float) -> None:
        """End it so that what is behind it on another host ends too: a command passes the end of stdin on, no signal.

        `ended` is its `wait()`. It is killed when it takes longer than that.
        """
        if not ended.done():
            self.close_stdin()
            await asyncio.wait((ended,), timeout=grace_s)
        self.kill()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit status, negative for a signal, once it has ended and everything that it said was taken."""
        status = await self._process.wait()
        self.kill()  # what it started and left behind would hold its pipes open, and outlive the session
        await asyncio.wait((self._drained,), timeout=DRAIN_S)
        for pipe in tuple(self._open):
            self._close(pipe)
        return status

    def _listen(self, pipe: int, take: Callable[[bytes], None]) -> None:
        os.set_blocking(pipe, False)
        self._loop.add_reader(pipe, self._readable, pipe, take)

    def _readable(self, pipe: int, take: Callable[[bytes], None]) -> None:
        try:
            data = os.read(pipe, READ_BYTES)
        except BlockingIOError:
            return
        if data:
            take(data)
            return
        self._close(pipe)

    def _close(self, pipe: int) -> None:
        self._loop.remove_reader(pipe)
        os.close(pipe)
        self._open.discard(pipe)
        if not self._open and not self._drained.done():
            self._drained.set_result(None)

    def _take_frames(self, data: bytes, on_frames: FrameSink) -> None:
        if self.damage is not None:
            return
        frames: list[AnyFrame] = []
        before = self._reader.splitter.offset
        try:
            frames.extend(self._reader.feed(data))
        except (DamagedStream, UnknownVersion) as damage:
            self.damage = str(damage)
        whole = self._reader.splitter.offset - before
        stream = self._rest + data
        self._rest = stream[whole:]
        if whole:
            on_frames(stream[:whole], frames)
        if self.damage is not None:
            self.kill()

    def _take_lines(self, data: bytes, on_line: Callable[[str], None]) -> None:
        *lines, self._error_rest = (self._error_rest + data).split(b"\n")
        self._error_rest = self._error_rest[-READ_BYTES:]
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text:
                self.stderr.append(text)
                on_line(text)
