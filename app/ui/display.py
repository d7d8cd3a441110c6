"""How the screen is drawn and sent, as a person chose it. Decides nothing but what fits together."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.ui.terminal.capabilities import shows_unicode

SLOWEST_HZ, FASTEST_HZ = 0.2, 10.0
DEFAULT_HZ, SLOW_HZ = 4.0, 1.0
CHARTS_HZ = 2.0
"""Charts are drawn no oftener: a column of theirs is a second."""


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """For every screen of the program."""

    refresh_hz: float = DEFAULT_HZ
    """How often numbers are drawn."""
    sweep: bool = False
    """Charts are written over from the left behind a moving gap, instead of being moved along."""
    diff: bool = True
    """Send only the cells that differ from what the terminal shows."""
    ascii_only: bool = False
    """Send nothing but ASCII."""
    mouse: bool = True
    """Ask the terminal to report clicks, which keeps it from selecting text with them."""

    @property
    def charts_every(self) -> int:
        """Charts are drawn at every so manieth look."""
        return max(1, round(self.refresh_hz / CHARTS_HZ))


DEFAULT = Display()
"""What a person gets who asks for nothing."""


def choose_display(
    environment: Mapping[str, str], *, refresh_hz: float | None, slow: bool, diff: bool, ascii_only: bool, mouse: bool
) -> Display:
    """What was asked for, completed by what the terminal is known to lack. Raises ValueError for a wrong rate."""
    if refresh_hz is not None and not SLOWEST_HZ <= refresh_hz <= FASTEST_HZ:
        raise ValueError(f"--refresh {refresh_hz:g} is out of range: {SLOWEST_HZ:g} to {FASTEST_HZ:g} times a second")
    return Display(
        refresh_hz=refresh_hz or (SLOW_HZ if slow else DEFAULT_HZ),
        sweep=slow,
        diff=diff,
        ascii_only=ascii_only or not shows_unicode(environment),
        mouse=mouse,
    )
