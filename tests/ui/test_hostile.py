"""A session of a stranger on the screen: nothing in it reaches the terminal as anything but letters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.store.folder import SessionFolder
from tests.hostile import MARKS, hostile_frames, hostile_manifest, write_hostile
from tests.ui.fake import FakeWatch
from tests.ui.replay import WiredViewer
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import FrameReader, frame_bytes

PAGES = ("w", "s", "o", "h", "r", "l", "n", "x", "g", "question_mark", "ctrl+p", "k", "p", "a", "e")


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from texts(getattr(value, name), f"{where}.{name}")
        case dict():
            for key, item in value.items():
                yield from texts(key, where)
                yield from texts(item, f"{where}.{key!r}")
        case tuple() | list():
            for item in value:
                yield from texts(item, where)


def saved(tmp_path: Path, *, driving: bool) -> View:
    """As a viewer sees it that opens it."""
    loaded = load(write_hostile(SessionFolder(tmp_path / "hostile"), driving=driving))
    reader = FrameReader()
    frames = [frame for sent in replay(loaded) for frame in reader.feed(frame_bytes(sent))]
    return seen(frames, driving=driving)


def seen(frames: list[AnyFrame], *, driving: bool) -> View:
    session = LiveSession(hostile_manifest(driving=driving).plan)
    for frame in frames:
        session.feed(frame)
    return session.view(session.newest_ns)


@pytest.mark.parametrize("driving", [False, True])
@pytest.mark.parametrize("over", [False, True])
def test_every_text_of_a_view_is_plain(tmp_path: Path, driving: bool, over: bool) -> None:
    view = saved(tmp_path, driving=driving) if over else seen(hostile_frames(driving=driving), driving=driving)
    assert view.runs
    assert [(where, text[:20]) for where, text in texts(view) if not text.isprintable()] == []


def test_the_terminal_is_sent_nothing_of_it(tmp_path: Path) -> None:
    view = saved(tmp_path, driving=False)

    async def run() -> str:
        viewer = WiredViewer(FakeWatch(view, live=False))
        async with viewer.run_test(size=(140, 40)) as pilot:
            await pilot.pause()
            for key in PAGES:
                await pilot.press(key)
                await pilot.pause()
                await pilot.press("escape")
            await pilot.pause()
        return "".join(viewer.wire.sent)

    sent = asyncio.run(run())
    assert "marked" in sent, "it was shown"
    assert not [mark for mark in MARKS if mark in sent]
