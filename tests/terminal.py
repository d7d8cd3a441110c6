"""A real pseudo-terminal with a program in it, read through a terminal emulator.

What the program sends is kept as bytes with their times, and as the screen that a person would see.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

ASK, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
"""Where is the cursor? Every terminal says so once it has read what came before."""


class Terminal:
    """One program on a pseudo-terminal of a given size. Use as a context: leaving it ends the program.

    `answers` False plays a terminal that answers no question.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int,
        rows: int,
        environment: Mapping[str, str] | None = None,
        answers: bool = True,
    ) -> None:
        self._answers = answers
        self._tail = b""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.received: list[tuple[float, bytes]] = []
        """What the program sent, with the time at which it was read (`time.monotonic`)."""
        self.started = time.monotonic()
        self.status: int | None = None
        """Exit status once it has ended, negative for a signal."""
        settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(rows)}
        settings.update(environment or {})
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), settings)
        self.resize(columns, rows)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait(10)
        os.close(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Another size, as when a person drags the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def _answer(self, data: bytes) -> None:
        """Say something to the program; one that is gone hears nothing."""
        with contextlib.suppress(OSError):
            os.write(self._master, data)

    def kill(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def pump(self, seconds: float) -> bool:
        """Read what comes for at most this long, returning after the first piece → whether anything came."""
        readable, _, _ = select.select((self._master,), (), (), seconds)
        if not readable:
            return False
        data = self._read()
        if data:
            self._arrive(data)
        return bool(data)

    def _read(self) -> bytes:
        """What the program has sent; nothing once it has closed its side."""
        try:
            return os.read(self._master, 1 << 16)
        except OSError:
            return b""

    def _arrive(self, data: bytes) -> None:
        """Answer at once, as a terminal does that reads faster than this emulator, and show it."""
        self.received.append((time.monotonic(), data))
        if self._answers:
            seen = self._tail + data
            self._tail = seen[1 - len(ASK) :]
            for _ in range(seen.count(ASK)):
                self._answer(ANSWER)
        self._stream.feed(data)

    def read_for(self, seconds: float) -> None:
        """Take what comes for so long."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            if not self.pump(rest) and self._ended():
                return

    def until(self, seen: Callable[[str], bool], limit_s: float = 30.0) -> str:
        """Read until the screen satisfies `seen` → the screen. Fails with the screen after `limit_s`."""
        end = time.monotonic() + limit_s
        while not seen(self.text()):
            assert time.monotonic() < end, f"never seen; the screen is\n{self.text()}"
            if not self.pump(0.05) and self._ended():
                assert seen(self.text()), f"the program ended; the screen is\n{self.text()}"
        return self.text()

    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def output(self) -> bytes:
        """All that it ever sent."""
        return b"".join(data for _, data in self.received)

    def wait(self, limit_s: float = 30.0) -> int:
        """Read on until it has ended → its exit status, negative for a signal."""
        end = time.monotonic() + limit_s
        while not self._ended():
            assert time.monotonic() < end, f"it goes on; the screen is\n{self.text()}"
            self.pump(0.05)
        while self.pump(0.0):
            pass
        assert self.status is not None
        return self.status

    def _ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None
