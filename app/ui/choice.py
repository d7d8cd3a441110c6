"""What there is to choose from at the start, and what was chosen. Plain data; no folder, no catalogue, no process."""

from __future__ import annotations

import msgspec


class WorkloadItem(msgspec.Struct, frozen=True):
    """A workload that can be run."""

    name: str
    help: str
    """One line."""


class SessionItem(msgspec.Struct, frozen=True):
    """A session that was saved, or that goes on."""

    name: str
    """By which it is opened."""
    title: str
    """The same without its time, which `when` gives."""
    when: str
    outcome: str
    headline: str
    """What it measured, in a few numbers."""


class Choice(msgspec.Struct, frozen=True):
    """What is to be done; nothing of either kind means: leave."""

    workloads: tuple[str, ...] = ()
    """To be run, in this order."""
    session: str | None = None
    """To be opened, or come back to."""
    browse: bool = False
    """All sessions are to be looked through."""
