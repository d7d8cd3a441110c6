"""The compare screen: keys, and the process that computes for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.session.results.compared import compared
from app.ui.comparing import Comparing
from app.ui.widgets.comparison import ComparisonView
from tests.analysis.compare.sessions import MadeRun, made
from tests.ui.draw.compare.samples import COMPARISON
from tests.ui.draw.text import lines_of


def after(*keys: str, size: tuple[int, int] = (80, 24)) -> str:
    """What is seen after these keys."""

    async def run() -> str:
        app = Comparing(COMPARISON)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
            return "\n".join(lines_of(app.screen.query_one(ComparisonView)._rows))

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), "throughput"),
        (("tab",), "under test"),
        (("shift+tab", "t"), "4,000 steps"),
        (("shift+tab", "down"), "no readings"),
        (("right",), "2/2"),
        (("left", "right"), "1/2"),
    ],
)
def test_keys_turn_the_screen(keys: tuple[str, ...], words: str) -> None:
    assert words in after(*keys)


def test_enter_gives_one_panel_the_screen_and_takes_it_back() -> None:
    assert "Mean step ─" not in after("enter", size=(140, 40))
    assert "Mean step ─" in after("enter", "enter", size=(140, 40))


def test_q_leaves() -> None:
    async def run() -> bool:
        app = Comparing(COMPARISON)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("q")
            await pilot.pause()
            return not app.is_running

    assert asyncio.run(run())


def test_a_process_of_its_own_computes(tmp_path: Path) -> None:
    folders = [made(tmp_path, MadeRun([10.0] * 10), name=name) for name in "ab"]
    found = compared([(folder, 0) for folder in folders], accepted=(), within=0.01, conditions="throughput<-2%")
    assert [side.session for side in found.sides] == [folder.name for folder in folders]
    assert len(found.undecided) == 1
    with pytest.raises(ValueError, match="no workload in two settings"):
        compared([(folders[0], 0)], accepted=("all",), within=0.01, conditions="")
