"""The sessions screen: what is found, marked and changed, and what comes out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.session.shelf.labels import read_note, read_tags, write_note
from app.session.shelf.listed import session_rows
from app.session.shelf.listing import RunRow, SessionRow
from app.session.store.folder import create_session, list_sessions
from app.session.store.lock import hold_lock
from app.session.store.manifest import Headline
from app.ui.browsing import Browsing
from app.ui.draw.rows import row_width
from app.ui.draw.sessions import SessionsLook, draw_sessions
from app.ui.screens.entry import EntryDialog
from app.ui.screens.note import NoteDialog
from app.ui.screens.question import Question
from app.ui.shelf import Shelf
from tests.session.frames import PLAN
from tests.session.shelf.test_listed import ROWS
from tests.session.store.test_folder import MANIFEST

Step = str | Callable[[Browsing], object]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three sessions, `one` the newest."""
    for number, name in enumerate(("three", "two", "one")):
        plan = replace(PLAN, name=name, created_ns=number * 10**18)
        create_session(tmp_path, plan).write_manifest(replace(MANIFEST, plan=plan))
    return tmp_path


def browsed(home: Path, *steps: Step) -> list[str]:
    """The sessions that are to be opened after these keys, by their titles. A function looks in between."""

    async def run() -> list[str]:
        app = Browsing(session_rows(home), home)
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            for step in steps:
                if isinstance(step, str):
                    await pilot.press(*(step.split() if " " in step else [step]))
                else:
                    done = step(app)
                    if isinstance(done, Awaitable):
                        await done
                await pilot.pause()
                while app._busy:
                    await pilot.pause(0.01)
        return [path.name[16:] for path in app.return_value or ()]

    return asyncio.run(run())


def names(app: Browsing) -> list[str]:
    """Those that are shown, without their times."""
    return [row.name[16:] for row in app.shelf.shown]


def expect(*wanted: str) -> Callable[[Browsing], None]:
    """These are shown."""

    def look(app: Browsing) -> None:
        assert names(app) == list(wanted)

    return look


def test_enter_opens_the_session_at_the_cursor(home: Path) -> None:
    assert browsed(home, "down", "enter") == ["two"]
    for key in ("q", "escape", "ctrl+c"):
        assert browsed(home, key) == []


def test_two_that_are_marked_are_played_together(home: Path) -> None:
    assert browsed(home, "down", "space space p") == ["two", "three"]
    assert browsed(home, "p", expect("one", "two", "three")) == []


def test_what_is_typed_is_found_at_once_whatever_keys_mean_otherwise(home: Path) -> None:
    assert browsed(
        home,
        "/ t",
        expect("two", "three"),
        "h r e",
        expect("three"),
        "backspace backspace backspace",
        expect("two", "three"),
        "ctrl+u q",
        expect(),
        "enter",
        "backspace w o",
        "escape",
        expect("two"),
        "enter",
    ) == ["two"]


def test_escape_first_takes_away_what_was_typed_and_then_the_marks(home: Path) -> None:
    def marked(count: int) -> Callable[[Browsing], None]:
        def look(app: Browsing) -> None:
            assert len(app.shelf.marked) == count

        return look

    browsed(home, "space space", marked(2), "/ o n e", "escape", "escape", expect("one", "two", "three"), marked(2))
    browsed(home, "space", "escape", marked(0))


def test_tags_are_asked_for_checked_and_kept(home: Path) -> None:
    def wrong(app: Browsing) -> None:
        assert isinstance(app.screen, EntryDialog)

    browsed(home, "t", "g o o d space ^", "enter", wrong, "backspace x", "enter", expect("one", "two", "three"))
    assert read_tags(list_sessions(home)[0]) == ("good", "x")
    browsed(home, "t", "ctrl+u n o", "escape")
    assert read_tags(list_sessions(home)[0]) == ("good", "x")


def test_a_note_of_several_lines_is_edited(home: Path) -> None:
    folder = list_sessions(home)[0]
    write_note(folder, "first \x1b[31m[bold]")

    def still(app: Browsing) -> None:
        assert isinstance(app.screen, NoteDialog)

    browsed(home, "n", "enter s e c", "ctrl+s")
    assert read_note(folder) == "first [bold]\nsec\n"
    browsed(home, "n", "x", "escape", still, "escape", expect("one", "two", "three"))
    assert read_note(folder) == "first [bold]\nsec\n"


def test_a_session_is_renamed_and_stays_under_the_cursor(home: Path) -> None:
    assert browsed(home, "r", "ctrl+u N e w space !", "enter", expect("new", "two", "three"), "enter") == ["new"]
    assert list_sessions(home)[0].name.endswith("-new")


def test_deleting_asks_and_takes_what_is_marked(home: Path) -> None:
    def asked(app: Browsing) -> None:
        assert isinstance(app.screen, Question)

    browsed(home, "d", asked, "enter", expect("one", "two", "three"))  # the harmless answer is chosen
    browsed(home, "d", asked, "d", expect("two", "three"))
    browsed(home, "space space d", asked, "d", expect())
    assert list_sessions(home) == []


def test_what_runs_is_neither_deleted_nor_renamed_nor_compared(home: Path) -> None:
    folder = list_sessions(home)[0]

    def warned(app: Browsing) -> None:
        assert len(app._notifications) == 1

    with hold_lock(folder):
        browsed(home, "d", warned, expect("one", "two", "three"))
        browsed(home, "r", "x", "enter", warned)
        browsed(home, "space space c", warned)
    browsed(home, "c", warned)  # one alone, without variants
    assert folder.path.is_dir()


def test_what_others_did_is_read_again(home: Path) -> None:
    def another(_: Browsing) -> None:
        create_session(home, replace(PLAN, name="four", created_ns=3 * 10**18))

    browsed(home, another, expect("one", "two", "three"), "u", expect("four", "one", "two", "three"))


def test_what_goes_on_is_looked_at_again_and_again_and_so_is_what_comes(home: Path) -> None:
    folder = list_sessions(home)[0]

    def state(wanted: str) -> Callable[[Browsing], None]:
        def look(app: Browsing) -> None:
            assert app.shelf.rows[0].state == wanted

        return look

    async def again(app: Browsing) -> None:
        await app.look_again()

    def another(_: Browsing) -> None:
        create_session(home, replace(PLAN, name="four", created_ns=3 * 10**18))

    with contextlib.ExitStack() as held:
        held.enter_context(hold_lock(folder))
        browsed(home, state("running"), lambda _: held.close(), again, state("done"))
    browsed(home, another, again, expect("four", "one", "two", "three"))


def test_without_sessions_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert browsed(tmp_path, "down", "space", "enter", "d", "t", "n", "r", "c", "s", "p", expect()) == []
    drawn = draw_sessions(SessionsLook(shown=(), total=0), 80, 24)
    assert any("no sessions yet" in text for row in drawn for text, _ in row)


def many(count: int) -> list[SessionRow]:
    """Rows of every kind."""
    return [
        replace(ROWS[number % 3], name=f"20300101-000000-{'界' if number % 5 == 0 else 'n'}{number}", created_ns=number)
        for number in range(count)
    ]


@pytest.mark.parametrize("width", [1, 10, 40, 80, 140])
@pytest.mark.parametrize("height", [1, 5, 16, 40])
def test_every_row_fits_at_every_size(width: int, height: int) -> None:
    rows = many(100)
    for cursor in (0, 50, 99):
        look = SessionsLook(shown=rows, total=200, cursor=cursor, typed="tr n", typing=True, marks=(rows[1].name,))
        drawn = draw_sessions(look, width, height)
        assert len(drawn) == height
        assert {row_width(row) for row in drawn} == {width}
        if height == 40 and width >= 40:
            assert sum("▸" in text for row in drawn for text, _ in row) == 1


def test_the_cursor_stays_on_its_session_whatever_the_order() -> None:
    shelf = Shelf(many(9))
    shelf.move(2)
    assert shelf.current is not None
    name = shelf.current.name
    for change in (shelf.sort, shelf.sort, shelf.turn, shelf.sort):
        change()
        assert shelf.current is not None
        assert shelf.current.name == name


def test_nothing_that_a_terminal_obeys_is_drawn() -> None:
    bad = "\x1b[31mred\x07\u202e"
    run = RunRow(run=1, workload=bad, headline=Headline(samples_per_s=1.0, case=bad))
    row = replace(ROWS[0], name=bad, runs=(run,), problem=bad, found=bad)
    drawn = draw_sessions(SessionsLook(shown=[row, replace(row, problem="", found="")], total=2, typed="red"), 140, 40)
    assert all(text.isprintable() for each in drawn for text, _ in each)
