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
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

CLOSING_S = 3.0
"""How long a viewer may take to leave."""


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
        logging.basicConfig(level=logging.WARNING, format="benchtop: %(message)s")
        try:
            web.run_app(
                self._make_app(),
                host=self.host,
                port=self.port,
                print=lambda _: ready(self.address),
                access_log=None,
                shutdown_timeout=2 * CLOSING_S,
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
        """One page, until it or its viewer is gone."""
        page = asyncio.current_task()
        assert page is not None
        self._pages.add(page)
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)

        async def close() -> None:
            await socket.close()

        viewer = PageViewer(
            self.command,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        try:
            await viewer.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(socket, viewer)
        except asyncio.CancelledError:
            await socket.close()
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            logging.getLogger(__name__).warning("a page said what is not understood: %s", error)
            await socket.close()
        finally:
            await viewer.stop()
            self._pages.discard(page)
        return socket


class PageViewer(AppService):
    """The viewer process of one page: the page is closed with it, and it never outlives the page for long."""

    async def run(self) -> None:
        """Pass on what it draws, until it ends."""
        try:
            await super().run()
        finally:
            await self.remote_close()

    async def stop(self) -> None:
        """Ask it to leave; kill one that does not."""
        if self._process is None:
            return
        try:
            async with asyncio.timeout(CLOSING_S):
                await self.send_meta({"type": "quit"})
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await super().stop()
