"""What fills a screen of its own but for its keys. It reads nothing but the view that it was shown last."""

from __future__ import annotations

from app.ui.widgets.viewed import Viewed


class Picture(Viewed, can_focus=True):
    """The whole screen but its keys."""
