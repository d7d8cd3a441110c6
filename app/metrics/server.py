"""Answers `GET /metrics` over HTTP while a session goes on. Reads the journal as a viewer does; can change nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Final

from app.metrics.exposition import CONTENT_TYPE, exposition
from app.metrics.families import metrics_of
from app.metrics.gathering import Gathering
from app.metrics.listening import PATH, is_local
from app.session.sources.following import Following
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked

READ_S: Final = 1.0
"""Between two readings of the journal."""
BEGIN_S: Final = 30.0
"""How long a conductor may take until it holds the session."""
PATIENCE_S: Final = 5.0
"""How long a client may take to say what it wants, and to take the answer."""
HEAD_BYTES: Final = 8192
MOST_CLIENTS: Final = 32

LOCAL: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))


class MetricsServer:
    """One session, and whoever asks about it."""

    def __init__(self, folder: SessionFolder) -> None:
        self._folder = folder
        self._gathering = Gathering(folder.name, folder.read_plan())
        self._source = Following(folder)
        self._clients = 0
        self._only_local = True

    async def run(self, listener: socket.socket) -> None:
        """Answer until the session is over. Raises UnknownVersion."""
        self._only_local = is_local(listener)
        server = await asyncio.start_server(self._answer, sock=listener, limit=HEAD_BYTES)
        try:
            async with server:
                await self._follow()
        finally:
            self._source.close()

    async def _follow(self) -> None:
        waits_until, held = time.monotonic() + BEGIN_S, False
        while True:
            locked = is_locked(self._folder)  # asked before reading: nothing is written after that when it is not
            held = held or locked
            for frames in self._source.slices():
                for frame in frames:
                    self._gathering.take(frame)
                await asyncio.sleep(0)
            over = held or self._folder.manifest.is_file() or time.monotonic() > waits_until
            if not locked and over:
                return
            await asyncio.sleep(READ_S)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._clients <= MOST_CLIENTS:
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._response(head.decode("latin-1")))
                    await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            self._clients -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _response(self, head: str) -> bytes:
        return respond(head, self._text, only_local=self._only_local)

    def _text(self) -> str:
        self._gathering.forget_old(time.monotonic_ns())
        return exposition(metrics_of(self._gathering.sums))


def respond(head: str, text: Callable[[], str], *, only_local: bool) -> bytes:
    """A request's head → the whole answer.

    `only_local`: whoever asks must call this machine by a name of its own. A page in a browser here may have made its
    own name one of ours, and would read what is not for it.
    """
    first, *lines = head.split("\r\n")
    method, _, rest = first.partition(" ")
    target = rest.partition(" ")[0].partition("?")[0]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    host = fields.get("host", "")
    called = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    if only_local and host and called.lower() not in LOCAL:
        return _whole("421 Misdirected Request", "ask for localhost\n", method)
    if method not in ("GET", "HEAD"):
        return _whole("405 Method Not Allowed", "only GET\n", method, "Allow: GET, HEAD\r\n")
    if target != PATH:
        return _whole("404 Not Found", f"there is only {PATH}\n", method)
    return _whole("200 OK", text(), method, kind=CONTENT_TYPE)


def _whole(status: str, text: str, method: str, fields: str = "", *, kind: str = "text/plain; charset=utf-8") -> bytes:
    body = text.encode("utf-8", "replace")
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{fields}"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + (b"" if method == "HEAD" else body)
