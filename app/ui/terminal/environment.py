"""What Textual must find in the environment before it is imported. Changes nothing that a person set."""

from __future__ import annotations

from collections.abc import MutableMapping

TRUECOLOR = frozenset({"truecolor", "24bit"})


def prepare(environment: MutableMapping[str, str]) -> None:
    """Keys that survive a dropped line, and no more colours than the terminal is known to have.

    With Kitty's key protocol on, a terminal whose SSH line drops stays in a mode in which no shell can be used.
    SSH does not pass COLORTERM on, and without it nothing says that a terminal has more than 256 colours.
    """
    environment["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    if environment.get("COLORTERM", "").lower() in TRUECOLOR:
        return
    environment.setdefault("TEXTUAL_COLOR_SYSTEM", "standard" if environment.get("TERM") == "linux" else "256")
