"""Serves one session as a page: textual-serve's server, on loopback alone, under an address that nobody can guess.

Everybody on a machine reaches its loopback, and so does every page that is open in a browser: only who knows the
address, which is said on the terminal alone, sees the session. Rests on `Server._make_app` of textual-serve 1.1.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

CLOSING_S = 5.0
"""How long pages that are open may take to close."""


class SessionServer(Server):
    """One session, one viewer process for each page that is open."""

    def __init__(self, command: Sequence[str], port: int, title: str) -> None:
        super().__init__(f"exec {shlex.join(command)}", "localhost", port, title, templates_path=Path(__file__).parent)
        self._secret = secrets.token_urlsafe(16)
        self._pages: set[asyncio.Task[object]] = set()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://localhost:{self.port}/{self._secret}/"

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` hears the address. Raises ValueError when the port is taken."""
        logging.basicConfig(level=logging.ERROR, format="benchtop: %(message)s")
        try:
            web.run_app(
                self._make_app(),
                host=self.host,
                port=self.port,
                print=lambda _: ready(self.address),
                access_log=None,
                shutdown_timeout=CLOSING_S,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise ValueError(f"port {self.port} is taken: choose another with --port") from None

    async def _make_app(self) -> web.Application:
        root = web.Application()
        root.add_subapp(f"/{self._secret}", await super()._make_app())
        return root

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: the port may be taken."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        """Close every page, which ends its viewer."""
        for page in self._pages:
            page.cancel()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it is closed."""
        page = asyncio.current_task()
        assert page is not None
        self._pages.add(page)
        try:
            return await super().handle_websocket(request)
        finally:
            self._pages.discard(page)
