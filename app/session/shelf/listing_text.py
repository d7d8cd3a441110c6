"""`benchtop ls`: the list of sessions as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.session.plain import plain
from app.session.shelf.listing import RunRow, SessionRow
from app.session.shelf.repeated_rows import by_variant
from app.text.numbers import bytes_text, count, milliseconds, percent
from app.text.units import units_of


def sessions_text(rows: Sequence[SessionRow], width: int) -> str:
    """Two lines for each session and an indented one for each of its variants, cut to `width` columns."""
    if not rows:
        return "no sessions yet; `benchtop run train/digits infer/digits` makes one"
    return "\n".join(plain(line)[:width] for row in rows for line in _lines(row))


def headline_text(run: RunRow) -> str:
    """A run's numbers in a few words; empty when nothing was measured."""
    words, headline = [], run.headline
    if headline.tokens_per_s is not None:
        words.append(f"{count(headline.tokens_per_s)} tokens/s")
    elif headline.samples_per_s is not None:
        words.append(f"{count(headline.samples_per_s)} {units_of(run)}/s")
    if headline.p50_ms is not None:
        words.append(f"p50 {milliseconds(headline.p50_ms)}")
    if headline.accuracy is not None:
        words.append(f"top-1 {percent(headline.accuracy * 100)}")
    if headline.bits_per_byte is not None:
        words.append(f"{headline.bits_per_byte:.3f} bits/byte")
    if headline.case is not None:
        words.append(f"({headline.case})")
    return "  ".join(words)


def when_text(row: SessionRow, zone: dt.tzinfo | None = None) -> str:
    """`2026-11-26 08:07`, when it was begun; empty where that is not known. `zone` None is the viewer's own."""
    return f"{dt.datetime.fromtimestamp(row.created_ns / 1e9, zone):%Y-%m-%d %H:%M}" if row.created_ns else ""


def tags_text(row: SessionRow) -> str:
    """`#good #nightly`."""
    return " ".join(f"#{tag}" for tag in row.tags)


def note_line(row: SessionRow) -> str:
    """The first line of its note that says anything."""
    return next((line.strip() for line in row.note.splitlines() if line.strip()), "")


def _lines(row: SessionRow) -> list[str]:
    when = f"{when_text(row)}  " if row.created_ns else ""
    said = "".join(f"  {words}" for words in (tags_text(row), note_line(row)) if words)
    first = [row.name, f"  {when}{row.state:<11}  {bytes_text(row.size_bytes)}{said}"]
    if row.problem:
        return [*first, f"    {row.problem}"]
    if row.found:
        return [*first, f"    {row.found}"]
    runs = [(run.title or run.workload, went, headline_text(run)) for went, run in by_variant(row.runs)]
    longest = max((len(name) for name, _, _ in runs), default=0)
    widest = max((len(went) for _, went, _ in runs), default=0)
    return [*first, *(f"    {name:<{longest}} {went:<{max(11, widest)}}  {told}".rstrip() for name, went, told in runs)]
