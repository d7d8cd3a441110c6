"""The sessions screen: every session, found as one types. It turns keys into actions; its app does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events
from textual.binding import Binding, BindingType

from app.ui.browsing_commands import BROWSING, FINDING
from app.ui.screens.command_lines import command_lines
from app.ui.screens.page import PageScreen
from app.ui.screens.text import FRAME_COLUMNS, TextScreen
from app.ui.shelf import Shelf
from app.ui.typed_line import typed_on
from app.ui.widgets.sessions import SessionsList

if TYPE_CHECKING:
    from app.ui.browsing import Browsing

KEYS: Final = tuple((command.shown, command.label) for command in BROWSING if command.footer)
ACTIONS: Final = {key: command.action for command in BROWSING for key in command.keys}
KEY_COLUMNS: Final = 9


class SessionsScreen(PageScreen[None, SessionsList], inherit_bindings=False):
    """A list over its keys. Keys are taken in their order, since they may be what is typed to find."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,ctrl+q", "leave", priority=True)]

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(SessionsList(shelf), KEYS)
        self._shelf = shelf

    def show(self) -> None:
        """Draw the shelf as it is now."""
        self._body.refresh()

    async def on_key(self, event: events.Key) -> None:
        """Move, find, or do what the key is for."""
        match event.key:
            case "up" | "down" if event.key == "up" or not self._body.typing or self._shelf.typed:
                self._shelf.move(-1 if event.key == "up" else 1)
            case "pageup":
                self._shelf.move(-self._body.page)
            case "pagedown":
                self._shelf.move(self._body.page)
            case "home":
                self._shelf.move(-self._shelf.total)
            case "end":
                self._shelf.move(self._shelf.total)
            case _ if self._body.typing:
                if not self._typed(event):
                    return
            case _ if (action := ACTIONS.get(event.key)) is not None:
                event.stop()
                await self.run_action(f"screen.{action}")
                return
            case _:
                return
        event.stop()
        self.show()

    def _typed(self, event: events.Key) -> bool:
        """Find by one character more, or less → whether the key was for that."""
        match event.key:
            case "escape":
                self._type(typing=False)
            case "enter":
                self.action_open()
            case _ if (typed := typed_on(self._shelf.typed, event)) is not None:
                self._shelf.find(typed)
            case _:
                return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed, where one types."""
        if self._body.typing:
            self._shelf.find(self._shelf.typed + " ".join(event.text.split()))
            self.show()

    def action_leave(self) -> None:
        """Leave, whatever is typed or marked."""
        self._browsing.leave()

    def action_close(self) -> None:
        """Take away what was typed, then the marks; then leave."""
        if self._shelf.clear():
            self.show()
        else:
            self.action_leave()

    def action_find(self) -> None:
        """Type to find."""
        self._type(typing=True)

    def action_open(self) -> None:
        """Open the session at the cursor."""
        if self._shelf.current is not None:
            self._browsing.open(self._shelf.current)

    def action_sort(self) -> None:
        """By the next column."""
        self._shelf.sort()
        self.show()

    def action_turn(self) -> None:
        """The other way round."""
        self._shelf.turn()
        self.show()

    def action_mark(self) -> None:
        """Mark the session at the cursor."""
        self._shelf.mark()
        self.show()

    async def action_compare(self) -> None:
        """Hold what is chosen against each other."""
        await self._browsing.compare(self._shelf.chosen)

    def action_play(self) -> None:
        """Play what is marked together."""
        self._browsing.play(self._shelf.marked)

    async def action_tags(self) -> None:
        """Ask for the tags of the session at the cursor."""
        if self._shelf.current is not None:
            await self._browsing.ask_tags(self._shelf.current)

    async def action_note(self) -> None:
        """Edit the note of the session at the cursor."""
        if self._shelf.current is not None:
            await self._browsing.ask_note(self._shelf.current)

    def action_rename(self) -> None:
        """Ask for another name of the session at the cursor."""
        if self._shelf.current is not None:
            self._browsing.ask_name(self._shelf.current)

    def action_delete(self) -> None:
        """Ask whether what is chosen is to go."""
        if self._shelf.chosen:
            self._browsing.ask_delete(self._shelf.chosen)

    async def action_again(self) -> None:
        """Read all sessions anew."""
        await self._browsing.read_again()

    def action_help(self) -> None:
        """Every key in words."""
        self.app.push_screen(BrowsingHelp())

    def _type(self, *, typing: bool) -> None:
        self._body.typing = typing
        self._line.offer(FINDING if typing else KEYS)
        self.show()

    @property
    def _browsing(self) -> Browsing:
        return cast("Browsing", self.app)


class BrowsingHelp(TextScreen):
    """The keys of the sessions screen."""

    has_help = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "close", priority=True)]

    def __init__(self) -> None:
        super().__init__("Help")

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width."""
        self._body.put(tuple(command_lines(BROWSING, max(20, event.size.width - FRAME_COLUMNS), KEY_COLUMNS)))
