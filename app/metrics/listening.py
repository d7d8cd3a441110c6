"""The port that metrics are read from: taken before a session is begun, so that one that is taken is said at once."""

from __future__ import annotations

import errno
import socket
import subprocess
from dataclasses import dataclass, field
from typing import Final

from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder

LOOPBACK: Final = "127.0.0.1"
PATH: Final = "/metrics"
MODULE: Final = "app.metrics"


@dataclass
class Listening:
    """A port that nobody answers at yet."""

    listener: socket.socket
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the metrics will be."""
        host, port = self.listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"

    @property
    def open_to_all(self) -> bool:
        """Whether others than who is on this machine may read it."""
        return not is_local(self.listener)

    def serve(self, folder: SessionFolder) -> None:
        """A process of its own answers there as long as the session goes on, and costs its conductor nothing."""
        number = self.listener.fileno()
        with folder.conductor_log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    (*MODULE_COMMAND, MODULE, "--fd", str(number), str(folder.path)),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(number,),
                    start_new_session=True,
                )
            )
        self.listener.close()


def is_local(listener: socket.socket) -> bool:
    """Whether a port can be reached from this machine alone."""
    host = listener.getsockname()[0]
    return bool(host.startswith("127.") or host == "::1")


def listen(host: str | None, port: int) -> Listening:
    """Take the port; 0: any that is free. Raises ValueError, one line."""
    if not 0 <= port < 1 << 16:
        raise ValueError(f"--metrics-port {port} is out of range: 0 (any that is free) to 65535")
    host = host or LOOPBACK
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return Listening(socket.create_server(address[:2], family=family))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ValueError(f"port {port} is taken: choose another with --metrics-port, or 0 for any") from None
        why = error.strerror or str(error)
        raise ValueError(
            f"nothing can listen on {host} port {port} ({why}): see --metrics-host, --metrics-port"
        ) from None
