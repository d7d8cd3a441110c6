"""Why a run is not faster: every verdict with its evidence, what experiments showed, profiles, what is missing.

Looks at what was recorded only; what is to be tried it asks its app for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from app.session.live.view import View
from app.ui.screens.picture import PictureScreen
from app.ui.widgets.why import WhyPanel

if TYPE_CHECKING:
    from app.ui.app import Viewer

KEYS = (
    ("esc", "back"),
    ("↑↓", "verdicts"),
    ("enter", "its window"),
    ("x", "try it"),
    ("p", "profile"),
    ("pgup/pgdn", "scroll"),
    ("←→", "runs"),
)


class WhyScreen(PictureScreen[WhyPanel]):
    """A page that scrolls, and the way back, with the window of the marked verdict or without."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "close", priority=True),
        Binding("enter", "window", priority=True),
        Binding("x", "try", priority=True),
        Binding("p", "profile", priority=True),
        Binding("down,j", "move(1)", priority=True),
        Binding("up,k", "move(-1)", priority=True),
        Binding("pagedown,space", "page(1)", priority=True),
        Binding("pageup", "page(-1)", priority=True),
        Binding("home", "scroll(-1000000)", priority=True),
        Binding("end", "scroll(1000000)", priority=True),
        Binding("right", "run(1)", priority=True),
        Binding("left", "run(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(WhyPanel(view), KEYS)

    def action_move(self, by: int) -> None:
        """Another verdict."""
        self._body.move(by)

    def action_page(self, by: int) -> None:
        """A screen further."""
        self._body.scroll_pages(by)

    def action_scroll(self, by: int) -> None:
        """Rows further."""
        self._body.scroll_rows(by)

    def action_run(self, by: int) -> None:
        """Another run."""
        self._body.next_run(by)

    async def action_try(self) -> None:
        """Make the experiment that belongs to the marked verdict, or end the one under way."""
        await self._viewer.ask_try(self._body.run, self._body.verdict)

    def action_profile(self) -> None:
        """Take a profile."""
        self._viewer.ask_profile()

    def action_window(self) -> None:
        """Back to the charts, at what the marked verdict rests on."""
        if (verdict := self._body.verdict) is not None:
            self.dismiss((verdict.from_ns, verdict.to_ns))

    @property
    def _viewer(self) -> Viewer:
        return cast("Viewer", self.app)
