"""The socket that hooks speak to: any number of processes, each with a line of its own.

Bytes are cut into messages and handed on; what they mean is `telling`'s. A line that breaks the framing, or would take
more memory than a hook ever needs, is closed; the process behind it goes on unheard. Nothing here waits.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from workloads.hook.messages import Header, NoMessage, Unpacker, message

LARGEST_IN_ALL: Final = 64 << 20
"""Bytes of unfinished messages, of all lines together."""
MOST_LINES: Final = 512
"""At a time."""
_CHUNK: Final = 1 << 18


@dataclass(eq=False)
class Line:
    """One process."""

    connection: socket.socket
    unpacker: Unpacker = field(default_factory=Unpacker)

    def send(self, header: Header) -> bool:
        """Tell the hook something → whether it could be told. A hook that does not read is not waited for."""
        try:
            data = message(header)
            return self.connection.send(data, socket.MSG_DONTWAIT) == len(data)
        except OSError:
            return False


class Hearing:
    """The socket and its lines, in the selector of whoever listens; its data is what to call when it can be read."""

    def __init__(
        self,
        path: str,
        selector: selectors.BaseSelector,
        take: Callable[[Line, bytes, bytes], None],
        lost: Callable[[Line, str], None],
    ) -> None:
        """`take` gets header and body of each message, `lost` each line that ended, and why if it was closed."""
        self._selector = selector
        self._take = take
        self._lost = lost
        self._lines: set[Line] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(256)
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def drain(self) -> None:
        """The command is gone: take what its processes said last, and close."""
        self._accept()
        for line in tuple(self._lines):
            while line in self._lines and self._read(line):
                pass
            self._end(line, "")
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                line = Line(connection)
                self._lines.add(line)
                self._selector.register(connection, selectors.EVENT_READ, lambda line=line: self._read(line))
                if len(self._lines) > MOST_LINES:
                    self._end(line, f"more than {MOST_LINES:,} processes speak at a time")

    def _read(self, line: Line) -> bool:
        """What has come on one line → whether there may be more."""
        try:
            data = line.connection.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._end(line, "")
            return False
        try:
            for header, body in line.unpacker.feed(data):
                self._take(line, header, body)
        except NoMessage as error:
            self._end(line, str(error))
            return False
        if line.unpacker.pending and sum(each.unpacker.pending for each in self._lines) > LARGEST_IN_ALL:
            self._end(line, "it sends more than can be kept")
        return True

    def _end(self, line: Line, why: str) -> None:
        if line in self._lines:
            self._lines.discard(line)
            self._selector.unregister(line.connection)
            line.connection.close()
            self._lost(line, why)


def address(folder: str) -> str:
    """The socket's path in a private folder."""
    return os.path.join(folder, "hook")  # noqa: PTH118 - for the environment
