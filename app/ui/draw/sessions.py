"""The sessions screen as rows: what is typed, columns, the sessions around the cursor, and more of that one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from app.session.plain import plain
from app.session.shelf.listing import SessionRow
from app.session.shelf.listing_text import headline_text, note_line, tags_text, when_text
from app.session.shelf.matching import marked
from app.session.shelf.ordering import Column, rate_of
from app.session.shelf.renaming import title_of
from app.session.shelf.repeated_rows import by_variant
from app.text.numbers import bytes_text, count
from app.ui.draw.box import box, inner_width
from app.ui.draw.rows import Row, clipped, merged, text_row

STATES: Final = {
    "running": ("▶", "throughput"),
    "done": ("✓", "good"),
    "failed": ("✗", "failure"),
    "interrupted": ("■", "warning"),
}
"""State of a session → its sign and style."""
WHEN, SIZE, RATE = 16, 9, 11
TITLE: Final = 32
"""Columns of a name, where there is room for more beside it."""
LEAST_BESIDE: Final = 20
"""Columns of tags and workloads, where there are any."""
MORE_ROWS, LEAST_ROWS = 7, 16
"""What is said of the session at the cursor, and the height from which on there is room for it."""
EMPTY: Final = "no sessions yet; `benchtop run` makes one"
NONE_FOUND: Final = "no session is like that; esc shows all"


class SessionsLook(msgspec.Struct, frozen=True, kw_only=True):
    """How one looks at them."""

    shown: Sequence[SessionRow]
    total: int
    cursor: int = 0
    typed: str = ""
    typing: bool = False
    column: Column = "time"
    turned: bool = False
    marks: Sequence[str] = ()


def draw_sessions(look: SessionsLook, width: int, height: int, zone: dt.tzinfo | None = None) -> Sequence[Row]:
    """All of it but the keys, exactly `height` rows of `width` cells."""
    inner = inner_width(width)
    more = [clipped(row, inner) for row in _more(look, zone)][:MORE_ROWS] if height >= LEAST_ROWS else []
    listed = max(1, list_rows(height))
    first = first_row(look.cursor, len(look.shown), listed)
    titles = _title_width(inner)
    rows = [
        clipped(_found_row(look), inner),
        clipped(_head(look, titles), inner),
        *(
            clipped(_session(look, place, titles, zone), inner)
            for place in range(first, min(first + listed, len(look.shown)))
        ),
    ]
    if not look.shown:
        rows.append(clipped(text_row(f"   {NONE_FOUND if look.total else EMPTY}", "note"), inner))
    if more:
        rows += [()] * (2 + listed - len(rows)) + [text_row("─" * inner, "border"), *more]
    at = f"{look.cursor + 1:,} of {len(look.shown):,}" if look.shown else "0"
    among = f", of {look.total:,}" if len(look.shown) != look.total else ""
    return box(rows[: max(0, height - 2)], "Sessions", f"{at}{among}", width, height, focused=True)


def list_rows(height: int) -> int:
    """How many sessions are seen at once."""
    return height - 4 - (MORE_ROWS + 1 if height >= LEAST_ROWS else 0)


def first_row(cursor: int, count: int, listed: int) -> int:
    """The first that is seen: the cursor is in the middle, but for the ends."""
    return max(0, min(cursor - listed // 2, count - listed))


def _found_row(look: SessionsLook) -> Row:
    """` / digits▏`, and what is marked."""
    pieces = [(" / ", "key"), (look.typed, "value")]
    if look.typing:
        pieces.append((" ", "mark"))
    elif not look.typed:
        pieces.append(("finds by name, #tag, workload, host or note", "note"))
    if look.marks:
        pieces.append((f"   {len(look.marks)} marked", "warning"))
    return merged(pieces)


def _title_width(width: int) -> int:
    room = width - (5 + WHEN + 2 + SIZE + RATE + 2)
    return TITLE if room >= TITLE + LEAST_BESIDE else max(10, room)


def _head(look: SessionsLook, titles: int) -> Row:
    sign = "▲" if look.turned != (look.column == "name") else "▼"

    def label(column: Column, text: str) -> str:
        return f"{text} {sign}" if column == look.column else text

    columns = (
        ("time", f"{label('time', 'when'):<{WHEN}}  "),
        ("size", f"{label('size', 'size'):>{SIZE}}"),
        ("rate", f"{label('rate', 'rate'):>{RATE}}"),
        ("name", f"  {label('name', 'name'):<{titles}}"),
    )
    pieces = ((text, "title" if column == look.column else "label") for column, text in columns)
    return merged((("     ", "label"), *pieces, ("  tags, workloads" if titles == TITLE else "", "label")))


def _session(look: SessionsLook, place: int, titles: int, zone: dt.tzinfo | None) -> Row:
    row = look.shown[place]
    here = place == look.cursor
    sign, state = STATES.get(row.state, ("–", "label"))
    style = "big" if here else "value"
    rate = rate_of(row)
    title = title_of(plain(row.name))
    words = "  ".join(filter(None, (tags_text(row), row.problem or _workloads(row)))) if titles == TITLE else ""
    return merged(
        (
            ("▸" if here else " ", "key"),
            ("•" if row.name in look.marks else " ", "warning"),
            (f" {sign} ", state),
            (f"{when_text(row, zone):<{WHEN}}  ", style if here else "label"),
            (f"{bytes_text(row.size_bytes):>{SIZE}}", style),
            (f"{f'{count(rate)}/s' if rate is not None else '–':>{RATE}}", style),
            ("  ", ""),
            *clipped(_with_marks(title, look.typed, style), titles),
            ("  " if words else "", ""),
            *_with_marks(plain(words), look.typed, style if here else "label"),
        )
    )


def _with_marks(text: str, typed: str, style: str) -> Row:
    """The text with what was found in it marked."""
    places = set(marked(text, typed)) if typed else set()
    return merged((character, "mark" if place in places else style) for place, character in enumerate(text))


def _workloads(row: SessionRow) -> str:
    return row.found or ", ".join(dict.fromkeys(run.title or run.workload for _, run in by_variant(row.runs)))


def _more(look: SessionsLook, zone: dt.tzinfo | None) -> Iterator[Row]:
    """What else is known of the session at the cursor."""
    if not look.shown:
        return
    row = look.shown[look.cursor]
    sign, style = STATES.get(row.state, ("–", "label"))
    head = "  ".join(filter(None, (when_text(row, zone), bytes_text(row.size_bytes), ", ".join(row.hosts))))
    yield ((f" {plain(row.name)}  ", "title"), (f"{sign} {row.state}  ", style), (head, "label"))
    if row.tags:
        yield text_row(f" {tags_text(row)}", "key")
    if row.problem or row.found:
        yield text_row(f" {plain(row.problem or row.found)}", "warning" if row.problem else "value")
    noted = [line for line in row.note.splitlines() if line.strip()]
    room = MORE_ROWS - 1 - bool(row.tags) - bool(row.problem or row.found) - min(2, len(noted))
    variants = by_variant(row.runs)
    for went, run in variants[: room if len(variants) <= room else room - 1]:
        yield (
            (f" {plain(run.title or run.workload)}  ", "value"),
            (f"{went}  ", "label"),
            (plain(headline_text(run)), "value"),
        )
    if len(variants) > room:
        yield text_row(f" and {len(variants) - room + 1} more", "label")
    if noted:
        yield text_row(f" {note_line(row)}", "note")
        yield from (text_row(f" {line}{' …' if len(noted) > 2 else ''}", "note") for line in noted[1:2])
