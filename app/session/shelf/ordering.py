"""The rows of a list in order: by time, size, name or rate, each with its natural end first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, get_args

from app.session.shelf.listing import SessionRow
from app.session.shelf.renaming import title_of
from app.session.shelf.repeated_rows import by_variant

Column = Literal["time", "size", "name", "rate"]
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)


def in_order(rows: Sequence[SessionRow], column: Column, *, reverse: bool = False) -> list[SessionRow]:
    """The newest, the largest, the first of the alphabet or the fastest first. What has no rate comes last."""
    down = (column != "name") != reverse
    if column == "rate":
        rated = [(rate, row) for row in rows if (rate := rate_of(row)) is not None]
        rated.sort(key=lambda pair: pair[0], reverse=down)
        return [*(row for _, row in rated), *(row for row in rows if rate_of(row) is None)]
    return sorted(rows, key=_KEYS[column], reverse=down)


def rate_of(row: SessionRow) -> float | None:
    """Units a second of the first variant that has a rate, tokens where it counts those; repeats by their mean."""
    for _, run in by_variant(row.runs):
        headline = run.headline
        rate = headline.tokens_per_s if headline.tokens_per_s is not None else headline.samples_per_s
        if rate is not None:
            return rate
    return None


_KEYS: Final[dict[str, Callable[[SessionRow], Any]]] = {
    "time": lambda row: (row.created_ns, row.name),
    "size": lambda row: row.size_bytes,
    "name": lambda row: (title_of(row.name), row.name),
}
