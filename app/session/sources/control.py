"""The control socket: how a viewer tells a conductor something, and how the conductor is found there.

A Unix socket in the session folder, for its owner alone. One connection carries one command and its
reply. Never waits longer than it was told to.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator

from app.session.store.folder import SessionFolder
from workloads.wire.commands import AnyCommand, Reply
from workloads.wire.framing import DamagedStream, Splitter, decode_command, frame_bytes

TIMEOUT_S = 2.0


class ConductorGone(Exception):
    """Nobody answers on the control socket; the message is one line for the user."""


def ask(folder: SessionFolder, command: AnyCommand, timeout_s: float = TIMEOUT_S) -> Reply:
    """Tell the conductor something → its answer. Raises ConductorGone when there is none in time."""
    try:
        with socket.socket(socket.AF_UNIX) as line, short_path(folder) as path:
            line.settimeout(timeout_s)
            line.connect(path)
            line.sendall(frame_bytes(command))
            return _reply(line, time.monotonic() + timeout_s)
    except (OSError, ValueError) as error:
        raise ConductorGone(f"session {folder.name} does not answer; its conductor may be gone") from error


def bind(folder: SessionFolder) -> socket.socket:
    """The conductor's end, mode 0600, in the place of one that a dead conductor left. Raises OSError."""
    folder.control.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX)
    try:
        with short_path(folder) as path:
            line.bind(path)
        folder.control.chmod(0o600)
    except OSError:
        line.close()
        raise
    return line


@contextlib.contextmanager
def short_path(folder: SessionFolder) -> Iterator[str]:
    """A path to the socket that fits into the 108 bytes of a Unix address, however long the folder's is."""
    handle = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{folder.control.name}"
    finally:
        os.close(handle)


def _reply(line: socket.socket, until_s: float) -> Reply:
    splitter = Splitter()
    while data := line.recv(4096):
        # An answer that trickles in must not be waited for longer than one that does not come.
        line.settimeout(max(0.001, until_s - time.monotonic()))
        for payload in splitter.feed(data):
            reply = decode_command(payload)
            if isinstance(reply, Reply):
                return reply
            raise DamagedStream(0, "the answer is no reply")
    raise DamagedStream(0, "the answer is not complete")
