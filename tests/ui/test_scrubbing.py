"""Two sessions on one screen: keys move both, over one timeline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.session.playing.pair import PairPlayer
from app.ui.screens.text import TextLines
from app.ui.scrubbing import Scrubbing
from app.ui.widgets.pair import PairPanels
from app.ui.widgets.timeline import TimelineRow
from tests.session.frames import SECOND
from tests.session.playing.test_pair import Clock, player, slow
from tests.session.playing.test_tape import session


def test_keys_move_both_sessions_and_align_them_by_step(tmp_path: Path) -> None:
    clock = Clock()
    one, two = (player(tmp_path / str(n), frames, clock) for n, frames in enumerate((session(), slow())))
    pair = PairPlayer(one, two, clock)

    async def run() -> None:
        app = Scrubbing(pair, clock=clock)
        async with app.run_test(size=(80, 24)) as pilot:

            def shown() -> str:
                body = app.screen.query_one(PairPanels)
                return "\n".join("".join(text for text, _ in row) for row in body.draw(*body.size))

            def seconds() -> float:
                assert app.view is not None
                assert app.view.played is not None
                return app.view.played.at_ns / SECOND

            while app.view is None or app.view.played is None:
                app.tick()
                await pilot.pause()
            assert seconds() == 28
            assert "by time since the start" in shown()
            await pilot.press("j", *"0:13", "enter")
            await pilot.pause()
            assert seconds() == 13
            assert [side.current.steps for side in (app.view.first, app.view.second) if side.current] == [130, 50]
            await pilot.press("t", "j", *"13", "enter")
            await pilot.pause()
            assert "by step number" in shown()
            assert [side.current.steps for side in (app.view.first, app.view.second) if side.current] == [50, 50]
            await pilot.press("tab", "tab", "enter")
            assert "panel 3 of 4" in shown()
            row = app.screen.query_one(TimelineRow)
            assert "00:13.0 of" in "".join(text for text, _ in row.row(80))
            await pilot.press("question_mark")
            await pilot.pause()
            assert "B to A" in "".join(line.plain for line in app.screen.query_one(TextLines)._text_lines)
            await pilot.press("escape")
            await pilot.pause()
            await pilot.press("space")
            clock.now += SECOND
            app.tick()
            assert seconds() == 14
            await pilot.press("q")

    asyncio.run(run())
    one.close()
    two.close()
