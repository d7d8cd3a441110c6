"""How a look at a session ends. Nothing else, so that the caller need not know a screen."""

from __future__ import annotations

import enum


class Ending(enum.Enum):
    """What becomes of the session once the screen is gone."""

    FINISHED = "finished"
    """It was over already."""
    STOPPED = "stopped"
    """It was told to stop and is being saved."""
    LEFT_RUNNING = "left running"
    """It goes on without a viewer."""
