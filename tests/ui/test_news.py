"""What came between two looks: a profile that was asked for, an experiment that is over, and each once."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from app.session.live.view import LogLine
from app.ui.app import Viewer
from app.ui.news import news
from tests.ui.draw.why.samples import EFFECT, INPUT, PROFILE, why_view, with_run
from tests.ui.fake import FakeWatch, drive

PLAIN = why_view(INPUT)
OVER = replace(EFFECT, over=True)


def test_a_profile_is_told_once_and_why_there_is_none() -> None:
    taken = with_run(PLAIN, profiles=(PROFILE,))
    assert news(PLAIN, taken) == ("the profile of 10 steps is there, w shows it",)
    assert news(taken, taken) == ()
    none = replace(PROFILE, operators=(), file="", reason="the run ended first")
    assert news(PLAIN, with_run(PLAIN, profiles=(none,))) == ("no profile: the run ended first",)


def test_an_experiment_is_told_when_it_is_over_also_the_second_time() -> None:
    going, over = with_run(PLAIN, effects=(EFFECT,)), with_run(PLAIN, effects=(OVER,))
    assert news(PLAIN, going) == ()
    assert news(going, over) == ("resident-batch: 2.21× [1.98, 2.44]",)
    assert news(over, with_run(PLAIN, effects=(replace(OVER, ratio=1.5, low=1.4, high=1.6),))) == (
        "resident-batch: 1.50× [1.40, 1.60]",
    )


def test_a_warning_right_after_something_was_asked_is_the_answer() -> None:
    warned = replace(PLAIN, log=(*PLAIN.log, LogLine(PLAIN.now_ns, "warning", "benchtop", "tf32 cannot be tried", 1)))
    assert news(PLAIN, warned, asked=True) == ("tf32 cannot be tried",)
    assert news(PLAIN, warned) == ()
    assert news(warned, warned, asked=True) == ()


def test_what_was_there_before_one_looked_is_no_news() -> None:
    watch = FakeWatch(with_run(PLAIN, effects=(OVER,), profiles=(PROFILE,)))

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        viewer.tick()
        await pilot.pause()
        assert not viewer._notifications
        watch.view = with_run(watch.view, profiles=(PROFILE, replace(PROFILE, steps=3)))
        viewer.tick()
        await pilot.pause()
        assert [notice.message for notice in viewer._notifications] == ["the profile of 3 steps is there, w shows it"]

    drive(watch, look)


def test_a_line_with_brackets_is_shown_as_it_is() -> None:
    """Textual takes brackets for markup, and a closing one that none has opened for an error."""
    watch = FakeWatch(with_run(PLAIN, profiles=(PROFILE,)))

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        viewer.tick()
        reason = "it failed: KeyError('[/0]')"
        watch.view = with_run(watch.view, profiles=(replace(PROFILE, operators=(), file="", reason=reason),))
        viewer.tick()
        await pilot.pause()
        assert [notice.message for notice in viewer._notifications] == [f"no profile: {reason}"]
        assert not any(notice.markup for notice in viewer._notifications)

    drive(watch, look)
