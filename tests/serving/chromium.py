"""A real headless Chromium with one page open, driven and overheard through its own DevTools protocol.

What the page's terminal was sent is kept as a screen; what the page itself drew can be had as a picture.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pyte

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--window-size=1280,800", "--remote-debugging-port=0",
)  # fmt: skip
LIMIT_S = 60.0


class Page:
    """One page. Get it from `page`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._session: str | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.requested: list[str] = []
        """Every address that the page asked for."""
        self.said: list[str] = []
        """What the page sent to the server."""

    async def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One call of the protocol → its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        call = {"id": self._number, "method": method, "params": parameters}
        await self._socket.send_str(json.dumps(call | ({"sessionId": self._session} if self._session else {})))
        return await asyncio.wait_for(answer, LIMIT_S)

    async def show(self, address: str) -> None:
        """Go there, in the one tab that there is."""
        target = await self.tell("Target.createTarget", url="about:blank")
        attached = await self.tell("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Network", "Page", "Runtime"):
            await self.tell(f"{domain}.enable")
        await self.tell("Page.navigate", url=address)

    async def press(self, key: str) -> None:
        """Type one key into the page."""
        for kind in ("keyDown", "keyUp"):
            typed = {"text": key} if kind == "keyDown" else {}
            await self.tell("Input.dispatchKeyEvent", type=kind, key=key, **typed)

    async def picture(self) -> bytes:
        """The page as it is drawn: PNG."""
        return base64.b64decode((await self.tell("Page.captureScreenshot"))["data"])

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page."""
        result = await self.tell("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    async def until(self, seen: Callable[[str], bool]) -> str:
        """Wait until the terminal in the page was sent a screen that satisfies `seen` → that screen."""
        async with asyncio.timeout(LIMIT_S):
            while not seen(self.text()):
                await asyncio.sleep(0.02)
        return self.text()

    async def until_closed(self) -> None:
        """Wait until the page says that its screen is closed."""
        async with asyncio.timeout(LIMIT_S):
            while not await self.evaluate("document.body.classList.contains('-closed')"):
                await asyncio.sleep(0.02)

    def text(self) -> str:
        """The terminal's screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def listen(self) -> None:
        """Take answers and events until the browser is gone."""
        async for message in self._socket:
            heard = json.loads(message.data)
            if "id" in heard:
                self._answers.pop(heard["id"]).set_result(heard.get("result", {}))
            else:
                self._overhear(heard["method"], heard["params"])

    def _overhear(self, method: str, event: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requested.append(event["request"]["url"])
        elif method == "Network.webSocketFrameSent":
            said = event["response"]["payloadData"]
            self.said.append(said)
            if size := re.match(r'\["resize",{"width":(\d+),"height":(\d+)}', said):
                self.screen.resize(int(size[2]), int(size[1]))
        elif method == "Network.webSocketFrameReceived" and event["response"]["opcode"] == 2:
            self._stream.feed(base64.b64decode(event["response"]["payloadData"]))


@contextlib.asynccontextmanager
async def page(address: str, profile: Path) -> AsyncIterator[Page]:
    """A browser that shows this address; it is gone afterwards."""
    assert PROGRAM is not None
    browser = await asyncio.create_subprocess_exec(
        PROGRAM, *FLAGS, f"--user-data-dir={profile}", stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    assert browser.stderr is not None
    try:
        endpoint = ""
        async with asyncio.timeout(LIMIT_S):
            while not endpoint:
                _, _, endpoint = (await browser.stderr.readline()).decode().strip().partition("listening on ")
        async with aiohttp.ClientSession() as client, client.ws_connect(endpoint, max_msg_size=0) as socket:
            shown = Page(socket)
            listening = asyncio.create_task(shown.listen())
            await shown.show(address)
            yield shown
            listening.cancel()
    finally:
        browser.kill()
        await browser.wait()
