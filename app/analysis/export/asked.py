"""What an export is of, as it was typed, checked."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from app.analysis.load import Loaded
from app.analysis.tables.schema import INSTANT
from app.analysis.why.document import seconds_of


@dataclass(frozen=True)
class Asked:
    """How a session is to be exported."""

    format: str
    output: str | None = None
    """A file, a folder, `-` for stdout, or an address; None: a name is made."""
    tables: tuple[str, ...] = ()
    """Of `app.session.store.folder.TABLES`; none: all of them."""
    begin: str | None = None
    """`90`, `1:30`: time since the session began."""
    until: str | None = None


@dataclass(frozen=True)
class Window:
    """A stretch of a session on the host's monotonic clock, nanoseconds; None: it has no such end."""

    begin_ns: int | None = None
    until_ns: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all of a session."""
        return self.begin_ns is None and self.until_ns is None

    def holds(self, at_ns: int) -> bool:
        """Whether an instant lies in it; its end does not."""
        return (self.begin_ns is None or at_ns >= self.begin_ns) and (self.until_ns is None or at_ns < self.until_ns)

    def cut(self, table: pl.LazyFrame, instant: str) -> pl.LazyFrame:
        """The rows whose instant lies in it."""
        if self.begin_ns is not None:
            table = table.filter(pl.col(instant) >= self.begin_ns)
        return table if self.until_ns is None else table.filter(pl.col(instant) < self.until_ns)


def began_ns(loaded: Loaded) -> int:
    """When a session began, on the host's monotonic clock."""
    manifest = loaded.manifest
    if manifest.conductor is not None:
        return manifest.conductor.monotonic_ns
    return min((record.started.at_ns for record in manifest.runs if record.started is not None), default=0)


def wall_ns(loaded: Loaded) -> int:
    """What is added to an instant of the monotonic clock to make it one of 1970, UTC."""
    return loaded.manifest.started_ns - began_ns(loaded)


def window_of(asked: Asked, loaded: Loaded) -> Window:
    """The stretch that was asked for. Raises ValueError, one line."""
    began = began_ns(loaded)
    begin, until = (
        None if text is None else began + round(seconds_of(text, option, "of the session") * 1e9)
        for text, option in ((asked.begin, "--from"), (asked.until, "--until"))
    )
    if begin is not None and until is not None and begin >= until:
        raise ValueError(f"--from {asked.begin} --until {asked.until}: there is nothing between the two")
    ended = loaded.manifest.last_ns
    if (begin is not None and begin > ended) or until == began:
        option = f"--from {asked.begin}" if until != began else f"--until {asked.until}"
        raise ValueError(f"{option}: there is nothing of the session there; it took {(ended - began) / 1e9:.0f} s")
    return Window(begin, until)


def cut_tables(loaded: Loaded, window: Window) -> dict[str, pl.LazyFrame]:
    """All tables, no more of each than lies in the window."""
    return {name: window.cut(table, INSTANT[name]) for name, table in loaded.tables.items()}
