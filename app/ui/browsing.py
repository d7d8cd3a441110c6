"""The app of the sessions screen: what is done to sessions is done here, beside the screen, which goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from textual.screen import Screen

from app.recovery import is_interrupted, recover
from app.session.plain import LONGEST, plain
from app.session.results.compared import compared
from app.session.shelf.labels import checked_tag, read_note, require_writable, write_note, write_tags
from app.session.shelf.listed import session_rows
from app.session.shelf.listing import SessionRow, session_row
from app.session.shelf.removal import remove_session
from app.session.shelf.renaming import rename_session, renamed, title_of
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from app.text.errors import error_text
from app.text.numbers import bytes_text
from app.ui.display import DEFAULT, Display
from app.ui.screens.compare import CompareScreen
from app.ui.screens.sessions import SessionsScreen
from app.ui.shelf import Shelf
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.run import run_on_terminal

Done = TypeVar("Done")

WITHIN: Final = 0.01
"""What is still the same in a comparison, as `benchtop compare` has it."""
DELETE: Final = "d"
PAIR: Final = 2
AGAIN_S: Final = 2.0
"""How often what goes on, and what others do to sessions, is looked at."""


def browse(rows: Sequence[SessionRow], home: Path, display: Display) -> tuple[Path, ...]:
    """Until the person leaves → the folder of the session that is to be opened, those of two to be played together.

    `home` is where a traceback goes if the screen fails. Raises ViewerCrashed.
    """
    opened = run_on_terminal(Browsing(rows, home, display), home)
    return opened if isinstance(opened, tuple) else ()


class Browsing(QuietApp, inherit_bindings=False):
    """The Textual app around the sessions screen."""

    TITLE = "benchtop"
    CSS_PATH = "screens/page.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, rows: Sequence[SessionRow], home: Path, display: Display = DEFAULT) -> None:
        super().__init__(display)
        self._home = home
        self._changed_ns = _changed_ns(home)
        self._busy = False
        self.shelf = Shelf(rows)
        self._sessions = SessionsScreen(self.shelf)

    def get_default_screen(self) -> Screen[None]:
        """The one screen that all others lie on."""
        return self._sessions

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(AGAIN_S, self.look_again)

    async def look_again(self) -> None:
        """What goes on, and, where sessions came or went, all of them; not under a question."""
        if self._busy or self.screen is not self._sessions:
            return
        if self._changed_ns != (changed_ns := _changed_ns(self._home)):
            self._changed_ns = changed_ns
            await self.read_again()
            return
        for row in [row for row in self.shelf.rows if row.state == "running"]:
            changed = await self._beside(lambda row=row: session_row(SessionFolder(Path(row.path))))  # type: ignore[misc]
            if changed is not None and changed != row:
                self.shelf.change(row.name, changed)
                self._sessions.show()

    def leave(self) -> None:
        """Open nothing."""
        self.exit()

    def open(self, row: SessionRow) -> None:
        """Leave, to look at this session."""
        self.exit((Path(row.path),))

    def play(self, rows: Sequence[SessionRow]) -> None:
        """Leave, to play two together."""
        if len(rows) != PAIR:
            self.notify("mark two with space, then p plays them together")
        elif any(is_locked(SessionFolder(Path(row.path))) for row in rows):
            self.notify("one of them is still running", severity="warning")
        else:
            self.exit(tuple(Path(row.path) for row in rows))

    async def read_again(self) -> None:
        """All of them, as they are now."""
        rows = await self._beside(lambda: session_rows(self._home))
        if rows is not None:
            self.shelf.put(rows)
            self._sessions.show()

    async def compare(self, rows: Sequence[SessionRow]) -> None:
        """Show a comparison over the list; one session alone is compared by its variants."""
        folders = [SessionFolder(Path(row.path)) for row in rows]
        if any(map(is_locked, folders)):
            self.notify("one of them is still running", severity="warning")
            return
        if len(folders) == 1 and len({run.variant for run in rows[0].runs}) < 2:
            self.notify("mark two or more with space, then c compares them")
            return
        if folders:
            self.notify("comparing …", timeout=2)
            found = await self._beside(lambda: compared(_whole(folders), accepted=(), within=WITHIN, conditions=""))
            if found is not None:
                self.push_screen(CompareScreen(found, alone=False))

    async def ask_tags(self, row: SessionRow) -> None:
        """Which tags it is to have."""
        from app.ui.screens.entry import EntryDialog  # noqa: PLC0415 - the first picture does not wait for it

        async def answered(typed: str | None) -> None:
            if typed is not None:
                await self._change(row, lambda folder: write_tags(folder, typed.split()))

        hint = "words, with a blank between them; #nightly finds them"
        self.push_screen(EntryDialog(f"Tags of {_called(row)}", " ".join(row.tags), hint, _checked_tags), answered)

    async def ask_note(self, row: SessionRow) -> None:
        """What is to be noted of it."""
        from app.ui.screens.note import NoteDialog  # noqa: PLC0415 - an editor takes a moment to import

        folder = SessionFolder(Path(row.path))
        before = await self._beside(lambda: _note(folder))

        async def answered(text: str | None) -> None:
            if text is not None and text != before:
                await self._change(row, lambda folder: write_note(folder, text))

        if before is not None:
            self.push_screen(NoteDialog(_called(row), before), answered)

    def ask_name(self, row: SessionRow) -> None:
        """What it is to be called."""
        from app.ui.screens.entry import EntryDialog  # noqa: PLC0415

        async def answered(typed: str | None) -> None:
            if typed is not None:
                await self._change(row, lambda folder: rename_session(folder, typed))

        title = title_of(row.name)
        hint = "small letters, digits and hyphens are kept; its time stays in front"
        dialog = EntryDialog(f"Rename {title}", title, hint, lambda typed: renamed(row.name, typed))
        self.push_screen(dialog, answered)

    def ask_delete(self, rows: Sequence[SessionRow]) -> None:
        """Whether they are to go."""
        from app.ui.screens.question import Option, Question  # noqa: PLC0415

        if any(is_locked(SessionFolder(Path(row.path))) for row in rows):
            self.notify("a session that is running cannot be deleted: stop it first", severity="warning")
            return
        size = bytes_text(sum(row.size_bytes for row in rows))
        what = f"{_called(rows[0])}" if len(rows) == 1 else f"{len(rows)} sessions"
        names = "" if len(rows) == 1 else ", ".join(map(_called, rows[:4])) + (" …" if len(rows) > 4 else "")
        options = (
            Option(DELETE, "d", "Delete", f"{size} and everything measured are gone for good"),
            Option("escape", "esc", "Cancel", "keep it" if len(rows) == 1 else "keep them"),
        )

        async def answered(answer: str | None) -> None:
            for row in rows if answer == DELETE else ():
                folder = SessionFolder(Path(row.path))
                if await self._beside(lambda folder=folder: _removed(folder)):  # type: ignore[misc]
                    self.shelf.change(row.name, None)
                    self._sessions.show()

        self.push_screen(Question(f"Delete {what}, {size}?", options, chosen=1, note=names), answered)

    async def _change(self, row: SessionRow, change: Callable[[SessionFolder], object]) -> None:
        """Do that to a session, and show what became of it."""
        changed = await self._beside(lambda: _changed(SessionFolder(Path(row.path)), change))
        if changed is not None:
            self.shelf.change(row.name, changed)
            self._sessions.show()

    async def _beside(self, work: Callable[[], Done]) -> Done | None:
        """Do it in a thread → what came of it; None where it could not be done, which is said."""
        if self._busy:
            self.notify("still at what was asked before")
            return None
        self._busy = True
        try:
            return await asyncio.to_thread(work)
        except (ValueError, OSError) as error:
            self.notify(plain(error_text(error)), severity="warning", timeout=8)
            return None
        finally:
            self._busy = False


def _changed_ns(home: Path) -> int:
    """When the folder of all sessions got or lost one; 0 without it."""
    try:
        return home.stat().st_mtime_ns
    except OSError:
        return 0


def _called(row: SessionRow) -> str:
    return plain(title_of(row.name))


def _checked_tags(typed: str) -> tuple[str, ...]:
    return tuple(map(checked_tag, typed.split()))


def _note(folder: SessionFolder) -> str:
    require_writable(folder)
    return "\n".join(map(_plain_line, read_note(folder).splitlines()))


def _plain_line(line: str) -> str:
    """All of it, however long: what is edited here is written again."""
    return "".join(plain(line[place : place + LONGEST]) for place in range(0, len(line), LONGEST))


def _changed(folder: SessionFolder, change: Callable[[SessionFolder], object]) -> SessionRow:
    """The session's row after that; a change may give back its new folder."""
    done = change(folder)
    return session_row(done if isinstance(done, SessionFolder) else folder)


def _removed(folder: SessionFolder) -> bool:
    remove_session(folder)
    return True


def _whole(folders: Sequence[SessionFolder]) -> list[tuple[SessionFolder, int]]:
    """All variants of each, which are finished first where nobody did."""
    for folder in folders:
        if is_interrupted(folder):
            recover(folder)
    return [(folder, 0) for folder in folders]
