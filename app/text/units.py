"""Units of work in words. Standard library only, and nothing about numbers or layout."""

from __future__ import annotations

from typing import Final, Protocol

PLURALS: Final = {
    "sample": "samples",
    "request": "requests",
    "product": "products",
    "copy": "copies",
    "launch": "launches",
    "call": "calls",
    "collective": "collectives",
    "step": "steps",
}


class Counted(Protocol):
    """What says its unit of work, as RunStarted does."""

    @property
    def unit(self) -> str:
        """`sample`, `product` …"""


def units_of(started: Counted | None) -> str:
    """What a run's work is counted in: `copies`; `samples` while it has not been said."""
    return "samples" if started is None else PLURALS[started.unit]
