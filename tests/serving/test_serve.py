"""A session in a real browser: the same screen, for whoever has the address, with or without a hand on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.cli import main
from app.session.store.lock import is_locked
from tests.conductor.harness import conducted, plan_of, until
from tests.serving.chromium import PROGRAM, Page, page
from tests.ui.test_terminal import is_up, session

in_a_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")


class Serving:
    """`benchtop serve` in a process of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            (sys.executable, "-m", "app", "serve", "--port", str(self.port), *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "BENCHTOP_HOME": str(home), "TERM": "dumb"},
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline() + self.process.stdout.readline()
        self.address = re.findall(r"http://\S+", self.said)[0]

    @property
    def viewers(self) -> list[psutil.Process]:
        """The viewers of the pages that are open."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> str:
        """End it → what else it said."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=30)
        return said


@contextlib.contextmanager
def serving(home: Path, *options: str) -> Iterator[Serving]:
    """The server while the block lasts."""
    server = Serving(home, *options)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def browse(server: Serving, home: Path, visit: Callable[[Page], Awaitable[None]]) -> None:
    """Open the page in a browser and do something with it."""

    async def go() -> None:
        async with page(server.address, home / "profile") as shown:
            await shown.until(is_up)
            await visit(shown)

    asyncio.run(go())


@in_a_browser
def test_a_page_shows_the_live_screen_and_can_stop_nothing(tmp_path: Path) -> None:
    with session(tmp_path) as folder, serving(tmp_path) as server:
        assert "read-only" in server.said

        async def visit(shown: Page) -> None:
            assert "k end run" not in shown.text()
            # Another size of the window is another size of the screen.
            await shown.tell(
                "Emulation.setDeviceMetricsOverride", width=800, height=400, deviceScaleFactor=1, mobile=False
            )
            await shown.until(lambda screen: is_up(screen) and shown.screen.columns < 100)
            assert await shown.picture() != b""
            assert all(address.startswith(server.address) for address in shown.requested), "nothing from elsewhere"
            await shown.press("k")
            await shown.until(lambda screen: "read-only" in screen)
            await shown.press("q")
            await shown.until_closed()
            until(lambda: server.viewers == [])

        browse(server, tmp_path, visit)
        assert is_locked(folder)
        assert server.end(signal.SIGINT) == ""


@in_a_browser
def test_a_page_with_control_stops_the_session(tmp_path: Path) -> None:
    with session(tmp_path) as folder, serving(tmp_path, "--control", "--ascii") as server:

        async def visit(shown: Page) -> None:
            assert shown.text().isascii()
            await shown.press("q")
            await shown.until(lambda screen: "Leave it running" in screen)
            await shown.press("s")
            await shown.until_closed()

        browse(server, tmp_path, visit)
        until(lambda: not is_locked(folder))
        assert folder.read_manifest().outcome == "interrupted"


@in_a_browser
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_with_the_server_its_viewers_go_and_the_session_stays(tmp_path: Path, number: signal.Signals) -> None:
    with session(tmp_path) as folder, serving(tmp_path) as server:

        async def visit(shown: Page) -> None:
            (viewer,) = server.viewers
            server.end(number)
            await asyncio.to_thread(viewer.wait, 30)
            await shown.until_closed()

        browse(server, tmp_path, visit)
        assert is_locked(folder)
        assert not list(folder.path.glob("*crash*"))


@in_a_browser
def test_with_its_viewer_a_page_is_closed_and_a_viewer_that_hangs_goes_with_its_page(tmp_path: Path) -> None:
    with session(tmp_path) as folder, serving(tmp_path) as server:

        async def killed(shown: Page) -> None:
            server.viewers[0].kill()
            await shown.until_closed()

        async def stopped(shown: Page) -> None:
            server.viewers[0].suspend()

        browse(server, tmp_path, killed)
        browse(server, tmp_path, stopped)
        until(lambda: server.viewers == [])
        assert is_locked(folder)


def test_it_is_reached_from_this_machine_alone_and_by_who_knows_the_address(tmp_path: Path) -> None:
    with conducted(tmp_path / "sessions", plan_of("waits")), serving(tmp_path) as server:
        bound = psutil.Process(server.process.pid).net_connections(kind="inet")
        assert {connection.laddr.ip for connection in bound} <= {"127.0.0.1", "::1"}
        with urllib.request.urlopen(server.address) as answer:
            assert b"textual-terminal" in answer.read()
        for path in ("", "ws", "static/js/textual.js", "x" * 22 + "/"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://localhost:{server.port}/{path}")
        with socket.socket() as taken:
            taken.bind(("localhost", 0))
            taken.listen()
            again = subprocess.run(
                (sys.executable, "-m", "app", "serve", "--port", str(taken.getsockname()[1])),
                check=False,
                capture_output=True,
                text=True,
                env={**os.environ, "BENCHTOP_HOME": str(tmp_path)},
            )
        assert (again.returncode, again.stdout) == (2, "")
        assert again.stderr.startswith("benchtop: port ")
        assert again.stderr.endswith(" is taken: choose another with --port\n")


def test_without_its_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "app.serving.server", None)
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == "benchtop: `benchtop serve` needs a package more: pip install textual-serve\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--port", "0"), "benchtop: --port 0 is out of range: 1 to 65535\n"),
        (("--refresh", "99"), "benchtop: --refresh 99 is out of range: 0.2 to 10 times a second\n"),
        ((), "benchtop: there are no sessions yet; `benchtop run` makes one\n"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    assert main(["serve", *arguments]) == 2
    assert capsys.readouterr().err == says
