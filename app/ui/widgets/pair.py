"""The body of the screen of two sessions. It reads nothing but the view that it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.session.live.view import EMPTY
from app.session.playing.paired import PairView
from app.ui.draw.pair.screen import PANELS, PairLook, draw_pair
from app.ui.draw.rows import Row
from app.ui.widgets.drawn import Drawn


class PairPanels(Drawn):
    """All that is compared."""

    def __init__(self) -> None:
        super().__init__()
        self._view = PairView(first=EMPTY, second=EMPTY, catching_up=0.0)
        self._look = PairLook()

    def show(self, view: PairView) -> None:
        """Draw this instant."""
        self._view = view
        self.refresh()

    def next_panel(self, by: int) -> None:
        """Choose another panel."""
        self._see(replace(self._look, panel=(self._look.panel + by) % PANELS))

    def enlarge(self) -> None:
        """The chosen panel alone, or all again."""
        self._see(replace(self._look, alone=not self._look.alone))

    def next_gpu(self) -> None:
        """Show the next GPU of both."""
        several = max(len(self._view.first.gpus), len(self._view.second.gpus), 1)
        self._see(replace(self._look, gpu=(self._look.gpu + 1) % several))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """All of it."""
        return draw_pair(self._view, self._look, width, height)

    def _see(self, look: PairLook) -> None:
        self._look = look
        self.refresh()
