"""The page in a real browser: drawn in light, dark and on paper, read and zoomed, and deaf to what a stranger wrote."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image

from app.session.store.folder import SessionFolder
from tests import hostile
from tests.analysis.compare.sessions import MadeRun, made
from tests.analysis.reporting.attack import MARKUP

for module in ("altair", "vl_convert", "aiohttp"):
    pytest.importorskip(module)

from app.analysis.reporting.command import as_page  # noqa: E402
from tests.serving.chromium import LIMIT_S, PROGRAM, Page, page  # noqa: E402

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")

LINE = "document.querySelector('.plot path[stroke]:not([stroke=transparent]):not(.background)')"


def look(text: str, place: Path, visit: Callable[[Page], Awaitable[None]]) -> list[str]:
    """Open a page and do something with it → every address that it asked for."""
    file = place / "report.html"
    file.write_text(text)

    async def go() -> list[str]:
        async with page(file.as_uri(), place / "profile") as shown:
            async with asyncio.timeout(LIMIT_S):
                while not await shown.evaluate("document.documentElement.dataset.drawn"):
                    await asyncio.sleep(0.02)
            await visit(shown)
            return shown.requested

    return asyncio.run(go())


def test_it_is_drawn_in_light_in_dark_and_on_paper(tmp_path: Path) -> None:
    took = [10.0 + number % 3 for number in range(400)]
    gauges = {("gpu0", "power_w"): [300.0, 400.0, 350.0] * 9}
    folder = made(
        tmp_path / "sessions", *(MadeRun(took, variant=1, repeat=repeat, gauges=gauges) for repeat in (1, 2, 3))
    )

    async def visit(shown: Page) -> None:
        seen: dict[str, tuple[int, str]] = {}
        for scheme in ("light", "dark"):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            await shown.tell("Emulation.setEmulatedMedia", media="screen", features=features)
            with Image.open(io.BytesIO(await shown.picture())) as seen_now:
                corner = seen_now.convert("L").crop((3, 3, 4, 4)).tobytes()[0]
            seen[scheme] = (corner, await shown.evaluate(f"getComputedStyle({LINE}).stroke"))
        assert seen["light"][0] > 200
        assert seen["dark"][0] < 60
        assert seen["light"][1] != seen["dark"][1], "the charts change with the page"
        # Every chart is there, those that are folded too, and none is wider than its place.
        assert await shown.evaluate("document.querySelectorAll('.plot svg').length") == 1 + 3 * 2
        for width in (1280, 390):
            await shown.tell(
                "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
            )
            await until(shown, "document.documentElement.scrollWidth <= innerWidth")
        # On paper it is light, though the screen is dark.
        await shown.tell("Emulation.setEmulatedMedia", media="print", features=features)
        assert await shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        paper = base64.b64decode((await shown.tell("Page.printToPDF"))["data"])
        assert paper.startswith(b"%PDF")
        assert await shown.evaluate("document.querySelectorAll('details[open]').length") == 0

    assert all(address.startswith(("file:", "data:")) for address in look(as_page([(folder, 0)], []), tmp_path, visit))


def test_it_says_what_is_under_the_pointer_and_zooms(tmp_path: Path) -> None:
    took = [10.0 + number % 3 for number in range(400)]
    folder = made(tmp_path / "sessions", MadeRun(took))

    async def visit(shown: Page) -> None:
        await shown.evaluate("document.querySelector('.plot.timed').scrollIntoView({block: 'center'})")
        left, top, width = await shown.evaluate(
            "(box => [box.left, box.top, box.width])(document.querySelector('.plot.timed').getBoundingClientRect())"
        )
        y = top + 60

        async def mouse(kind: str, share: float) -> None:
            await shown.tell(
                "Input.dispatchMouseEvent",
                type=kind,
                x=left + share * width,
                y=y,
                button="none" if kind == "mouseMoved" else "left",
                clickCount=0 if kind == "mouseMoved" else 1,
            )

        await mouse("mouseMoved", 0.5)
        said = await shown.evaluate("document.getElementById('tip').textContent")
        assert "step time: slowest 12, p90 12, p50 11, p10 10, fastest 10 ms" in said
        assert "throughput: " in said
        await mouse("mousePressed", 0.4)
        await mouse("mouseMoved", 0.5)
        await mouse("mouseReleased", 0.5)
        begin = "document.querySelector('.plot.timed svg').textContent.includes('0.0 s')"
        await until(shown, f"!{begin}")
        await shown.evaluate("document.querySelector('button[data-zoom=all]').click()")
        await until(shown, begin)

    look(as_page([(folder, 0)], []), tmp_path, visit)


def test_what_a_stranger_wrote_is_read_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile, "ATTACK", hostile.ATTACK + MARKUP)
    folder = hostile.write_hostile(SessionFolder(tmp_path / "stranger"))

    async def visit(shown: Page) -> None:
        assert await shown.evaluate("document.querySelectorAll('.plot svg').length") > 0
        assert await shown.evaluate("document.body.textContent.includes('<script>window.pwned=1')")
        assert await shown.evaluate("document.querySelectorAll('script').length") == 3
        strange = "img, base, iframe, object, a[href^=javascript]"
        assert await shown.evaluate(f"document.querySelectorAll('{strange}').length") == 0
        assert all(address.startswith(("file:", "data:")) for address in shown.requested)
        # Should one get through: what the page allows itself still stops it.
        await shown.evaluate(
            "addEventListener('securitypolicyviolation', event => (window.refused ??= []).push(event))"
        )
        await shown.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=\"http://evil.example/x\" onerror=\"pwned=9\">');"
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned=10'}))"
        )
        await until(shown, "window.refused?.length >= 2")
        await shown.evaluate("for (const e of document.querySelectorAll('*')) e.dispatchEvent(new Event('mouseover'))")
        assert await shown.evaluate("window.pwned") is None

    look(as_page([(folder, 0)], []), tmp_path, visit)


async def until(shown: Page, expression: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await shown.evaluate(expression):
            await asyncio.sleep(0.02)
