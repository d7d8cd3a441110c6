"""What Textual must find in the environment before it is imported. Changes nothing that a person set."""

from __future__ import annotations

from collections.abc import MutableMapping

from app.ui.terminal.capabilities import TRUE_COLOUR, colours

FRAMES_A_SECOND = 500
"""At most, which is how soon a key is painted: frames are made only when something changed."""


def prepare(environment: MutableMapping[str, str]) -> None:
    """Keys that survive a dropped line, and no more colours than the terminal is known to have.

    With Kitty's key protocol on, a terminal whose SSH line drops stays in a mode in which no shell can be used.
    Without COLORTERM, which SSH does not pass on, nothing says that a terminal has more than 256 colours.
    """
    environment["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    environment.setdefault("TEXTUAL_FPS", str(FRAMES_A_SECOND))
    if (number := colours(environment)) and number < TRUE_COLOUR:
        environment.setdefault("TEXTUAL_COLOR_SYSTEM", "256" if number == 256 else "standard")
