"""What a report consists of: sections of blocks. Texts are as they came; whoever writes them down escapes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["info", "good", "warning", "critical"]
Column = Sequence[float | int | str | None]


@dataclass(frozen=True)
class Paragraph:
    """Words."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names with what they are; one without a text is left out."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """Rows under titles. All rows are as long as the titles."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset({0})
    """Columns that are no numbers, and so begin at their left."""
    caption: str = ""
    strong: frozenset[int] = frozenset()
    """Rows that stand out."""


@dataclass(frozen=True)
class Notice:
    """Something that must not be missed."""

    tone: Tone
    title: str
    text: str
    remedy: str = ""
    """What to do about it."""


@dataclass(frozen=True)
class Tile:
    """One large number."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Tiles:
    """The numbers that are looked for first."""

    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Readout:
    """What hovering says of one data set of a chart over time."""

    data: str
    label: str
    """Before the values; empty where `by` says it."""
    fields: Sequence[tuple[str, str]]
    """Name of a column, and what its value is called."""
    unit: str = ""
    by: str = ""
    """A column whose values are lines of their own; empty: the data set is one line."""


@dataclass(frozen=True)
class Picture:
    """A chart: a Vega-Lite specification whose data sets are beside it, in columns."""

    title: str
    spec: dict[str, Any]
    data: dict[str, dict[str, Column]]
    says: str
    """What is to be seen in it, for who cannot see it."""
    span: tuple[float, float] | None = None
    """The ends of its axis of seconds, which can be zoomed. None: it has no such axis."""
    readouts: Sequence[Readout] = ()
    """Of a chart over time."""


Block = Paragraph | Facts | Table | Notice | Tiles | Picture


@dataclass(frozen=True)
class Section:
    """Blocks under a title, then sections of its own."""

    title: str
    blocks: Sequence[Block] = ()
    sections: Sequence[Section] = ()
    folded: bool = False
    """Shown by its title alone until it is asked for; on paper it is whole."""
    note: str = ""
    """A few words beside the title."""
    detail: bool = False
    """Left out where there is little room, as in an issue."""


@dataclass(frozen=True)
class Document:
    """All of it."""

    title: str
    subtitle: str
    sections: Sequence[Section]
