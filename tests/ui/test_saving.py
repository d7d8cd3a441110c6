"""`s`: what is shown becomes a picture and a text in the session's folder."""

from __future__ import annotations

import datetime as dt
import os
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual.pilot import Pilot
from textual.strip import Strip

from app.session.pack.cache import cache_home
from app.session.pack.members import kind_of
from app.session.store.folder import SessionFolder
from app.session.store.pictures import save_picture
from app.ui.app import Viewer
from app.ui.terminal.still import still_svg, still_text
from tests.ui.fake import FakeWatch, drive

AT = dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def test_the_screen_and_its_pages_are_saved_with_the_session(tmp_path: Path) -> None:
    async def steps(viewer: Viewer, pilot: Pilot[Any]) -> None:
        for keys in ("s", "ws", "l"):
            await pilot.press(*keys)
        await pilot.press("s")
        while len(list(tmp_path.glob("*.txt"))) < 3:
            await pilot.pause(0.01)

    drive(FakeWatch(folder=tmp_path), steps)
    texts = [path.read_text() for path in sorted(tmp_path.glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)]
    assert ["Throughput" in text for text in texts] == [True, False, False]
    assert [text.count("\n") for text in texts] == [40, 40, 40]
    assert len(list(tmp_path.glob("*.svg"))) == 3


def test_the_copy_of_a_pack_and_a_screen_that_only_watches_save_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    folder = cache_home(os.environ) / "key" / "session"
    folder.mkdir(parents=True)
    said: list[str] = []

    async def steps(viewer: Viewer, pilot: Pilot[Any]) -> None:
        monkeypatch.setattr(viewer, "notify", lambda words, **_: said.append(words))
        await pilot.press("s")
        while not said:
            await pilot.pause(0.01)
        viewer.read_only = True
        await pilot.press("s")
        await pilot.pause()

    drive(FakeWatch(folder=folder), steps)
    assert "opened from a pack" in said[0]
    assert "read-only" in said[1]
    assert not list(folder.iterdir())


def test_pictures_of_one_second_get_two_names_that_travel(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path)
    names = [save_picture(folder, "<svg/>", "text", AT) for _ in range(2)]
    assert names == ["screen-20300102-030405", "screen-20300102-030405-2"]
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert {kind_of(path.name) for path in files} == {"text"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_picture_is_sound_whatever_the_text_and_needs_no_network() -> None:
    rows = [Strip([Segment("<script>&\"'界"), Segment(" [bold]")]), Strip([Segment("plain   ")])]
    svg = still_svg(rows, "<title> & more")
    texts = "".join(ET.fromstring(svg).itertext()).replace("\xa0", " ")
    assert "<script>&\"'界" in texts
    assert "<title> & more" in texts
    assert "url(" not in svg.replace("url(#", "")
    assert "<script" not in svg
    assert still_text(rows) == "<script>&\"'界 [bold]\nplain\n"
