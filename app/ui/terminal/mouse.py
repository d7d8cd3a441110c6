"""What a terminal is asked to tell of the mouse (XTerm Control Sequences, mouse tracking)."""

from __future__ import annotations

from typing import Final

CLICKS_AND_DRAGS: Final = "\x1b[?1002h\x1b[?1006h"
"""Buttons, and movements while one is down: every other movement would be sent up the line for nothing."""

NO_DRAGS: Final = "\x1b[?1002l"
"""The rest is ended by Textual."""
