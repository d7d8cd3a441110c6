"""The start screen: what can be chosen, and what comes out."""

from __future__ import annotations

import asyncio

import pytest

from app.ui.choice import Choice, SessionItem, WorkloadItem
from app.ui.screens.start_lines import start_lines
from app.ui.start import Chooser

WORKLOADS = (
    WorkloadItem("train/digits", "train a small net"),
    WorkloadItem("infer/digits", "serve it"),
    WorkloadItem("probe/copy", "copies"),
)
SESSIONS = tuple(
    SessionItem(f"20300102-03040{number}-work", "work", f"2030-01-0{number} 03:04", "done", "1,234/s")
    for number in (3, 2, 1)
)


def chosen(*keys: str, problem: str = "", sessions: tuple[SessionItem, ...] = SESSIONS) -> Choice | None:
    """What the screen gives after these keys; None when it is still there."""

    async def run() -> Choice | None:
        app = Chooser(WORKLOADS, sessions, lambda _: problem)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
        assert app.return_value is None or isinstance(app.return_value, Choice)
        return app.return_value

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (("enter",), Choice(workloads=("train/digits",))),
        (("down", "enter"), Choice(workloads=("infer/digits",))),
        (("down", "space", "up", "space", "enter"), Choice(workloads=("infer/digits", "train/digits"))),
        (("space", "space", "down", "space", "enter"), Choice(workloads=("infer/digits",))),
        (("tab", "enter"), Choice(session=SESSIONS[0].name)),
        (("end", "enter"), Choice(session=SESSIONS[2].name)),
        (("end", "home", "enter"), Choice(workloads=("train/digits",))),
        (("up", "enter"), Choice(workloads=("train/digits",))),
        (("pagedown", "pagedown", "enter"), Choice(session=SESSIONS[2].name)),
        (("slash",), Choice(browse=True)),
        (("q",), Choice()),
        (("escape",), Choice()),
        (("ctrl+c",), Choice()),
    ],
)
def test_keys_choose(keys: tuple[str, ...], choice: Choice) -> None:
    assert chosen(*keys) == choice


def test_what_cannot_be_run_is_not_chosen() -> None:
    assert chosen("enter", problem="infer/digits needs weights") is None


def test_a_session_is_opened_whatever_is_marked() -> None:
    assert chosen("space", "tab", "enter", problem="no") == Choice(session=SESSIONS[0].name)


def test_without_sessions_the_other_list_is_nowhere_to_go() -> None:
    assert chosen("tab", "enter", sessions=()) == Choice(workloads=("train/digits",))


def test_the_lists_say_everything_and_fit() -> None:
    lines, at = start_lines(WORKLOADS, SESSIONS, 3, ("probe/copy", "train/digits"), 76)
    text = [line.plain for line in lines]
    assert [line[:16] for line in text[1:4]] == [" 2 train/digits ", " · infer/digits ", " 1 probe/copy   "]
    assert "2030-01-03 03:04" in text[at]
    assert "done" in text[at]
    assert "1,234/s" in text[at]
    narrow, _ = start_lines(WORKLOADS, SESSIONS, 0, (), 20)
    assert max(line.cell_len for line in narrow) <= 20


def test_of_very_many_sessions_it_says_where_the_others_are() -> None:
    lines, at = start_lines(WORKLOADS, SESSIONS, 0, (), 76, more=4_997)
    assert "the newest 3 of 5,000, / finds among all" in lines[5].plain
    assert start_lines(WORKLOADS, SESSIONS, 0, (), 76)[1] == at
