"""The conductor's side of the control socket: one command, one reply, next caller.

The socket lies in the session folder and can be used by its owner alone. A caller that says nothing,
or nothing sensible, is dropped and disturbs nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from app.session.sources.control import bind
from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, Reply
from workloads.wire.framing import DamagedStream, Splitter, decode_command, frame_bytes

PATIENCE_S = 5.0
COMMAND_BYTES = 64 * 1024


@contextlib.asynccontextmanager
async def serve(folder: SessionFolder, obey: Callable[[AnyCommand], Reply]) -> AsyncIterator[None]:
    """Answer commands while the block lasts. Raises OSError when the socket cannot be made."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever is still connected when the conductor ends gets no answer; asyncio would print that it was cancelled.
        with contextlib.suppress(OSError, TimeoutError, DamagedStream, ValueError, asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE_S):
                payload = await _payload(reader)
                if payload is not None:
                    writer.write(frame_bytes(obey(decode_command(payload))))
                    await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, sock=bind(folder))
    try:
        yield
    finally:
        server.close()
        folder.control.unlink(missing_ok=True)


async def _payload(reader: asyncio.StreamReader) -> bytes | None:
    """The first whole payload, or None when the caller goes before it is complete."""
    splitter = Splitter()
    received = 0
    while received < COMMAND_BYTES and (data := await reader.read(4096)):
        received += len(data)
        for payload in splitter.feed(data):
            return payload
    return None
