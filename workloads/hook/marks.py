"""Marks that the script makes itself: see `site/benchtop.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .listening import Listening

_here: list[Listening] = []


def listen(here: Listening) -> None:
    """Marks go to that line from here on."""
    _here[:] = [here]


def said(text: str, began_ns: int, wall_ns: int) -> None:
    """A mark was made. Never raises. Without torch there is no line, and marks are lost."""
    for here in _here:
        here.guarded(_tell)(here, text, began_ns, wall_ns)


def _tell(here: Listening, text: str, began_ns: int, wall_ns: int) -> None:
    if not here.loop.begun:
        here.loop.begin(began_ns)
    here.loop.event("mark", began_ns, wall_ns, text)
