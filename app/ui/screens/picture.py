"""The page of every picture that one opens from the live screen: it goes on with the session till it is closed."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import BindingType

from app.session.live.view import View
from app.ui.screens.page import PageScreen
from app.ui.screens.timed import TIMED, TimedPage
from app.ui.widgets.picture import Picture

Shown = TypeVar("Shown", bound=Picture)

Stretch = tuple[int, int]
"""From one instant to another of the host's clock."""


class PictureScreen(TimedPage, PageScreen[Stretch, Shown]):
    """A picture. It may give back the stretch of time to hold charts at."""

    BINDINGS: ClassVar[list[BindingType]] = [*TIMED]

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._body.show(view)
