"""Two sessions at one instant of the time that they have in common. Plain data, for the screen."""

from __future__ import annotations

import msgspec

from app.session.live.view import View
from app.session.playing.played import Played
from app.session.playing.ways import By


class PairView(msgspec.Struct, frozen=True, kw_only=True):
    """What the screen of two sessions shows."""

    first: View
    second: View
    by: By = "time"
    """What both are equally far in."""
    played: Played | None = None
    """In the common time; None while one of them is still being read."""
    catching_up: float | None = None
    """How much of both was read, 0 to 1; None: all."""
