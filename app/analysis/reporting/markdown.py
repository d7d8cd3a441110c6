"""A report as Markdown, as GitHub renders it: headings, tables and lists, without HTML and without charts.

Texts of a session are escaped: none of them is markup, leads anywhere, or calls anybody by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from app.analysis.reporting.blocks import (
    Block,
    Document,
    Facts,
    Notice,
    Paragraph,
    Picture,
    Section,
    Table,
    Tiles,
    Tone,
)
from app.session.plain import plain

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|~$!&]|:(?=//)|(?<=www)\.|(?<=WWW)\.")
_LEADING: Final = re.compile(r"^()([-+](?=[\s-]|$)|=|\d{1,9}(?=[.)](?:\s|$)))")
_CALLS: Final = re.compile(r"(@|\\#|\bGH-)(?=\w)", re.IGNORECASE)
JOINER: Final = "\u2060"
"""Of no width: behind it a name is no mention and a number no reference."""
DEEPEST: Final = 6
SIGNS: Final[dict[Tone, str]] = {"info": "NOTE", "good": "TIP", "warning": "WARNING", "critical": "CAUTION"}
"""GitHub's alerts."""


def escaped(text: str) -> str:
    """Text that reads as it is, wherever it stands in a line."""
    safe = _SPECIAL.sub(lambda match: f"\\{match.group()}", plain(text).strip())
    safe = _CALLS.sub(lambda match: f"{match.group()}{JOINER}", safe)
    match = _LEADING.match(safe)
    if match is None:
        return safe
    sign = match.group(2)
    return f"\\{safe}" if not sign.isdigit() else f"{sign}\\{safe[len(sign) :]}"


def markdown(document: Document) -> str:
    """The whole document, ending with a newline."""
    lines = [f"# {escaped(document.title)}", "", escaped(document.subtitle), ""]
    for section in document.sections:
        lines += _section(section, 2)
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section, level: int) -> Iterator[str]:
    written = [line for block in section.blocks for line in _block(block)]
    inner = [line for each in section.sections if not each.detail for line in _section(each, level + 1)]
    if not written and not inner:
        return
    note = f" ({escaped(section.note)})" if section.note else ""
    yield f"{'#' * min(level, DEEPEST)} {escaped(section.title)}{note}"
    yield ""
    yield from written
    yield from inner


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from (escaped(block.text), "")
        case Facts():
            rows = [(name, text) for name, text in block.rows if text]
            if rows:
                yield from _table(("", ""), rows, frozenset({0, 1}))
        case Table():
            if block.rows:
                yield from _table(block.head, block.rows, block.words, block.strong)
            if block.caption:
                yield from (f"{escaped(block.caption)}", "")
        case Notice():
            yield f"> [!{SIGNS[block.tone]}]"
            yield f"> **{escaped(block.title)}**: {escaped(block.text)}"
            if block.remedy:
                yield f"> Try: {escaped(block.remedy)}"
            yield ""
        case Tiles():
            tiles = [(tile.label, tile.value, tile.note) for tile in block.tiles]
            yield from _table(("", "", ""), tiles, frozenset({0, 2}), strong=frozenset(range(len(tiles))), column=1)
        case Picture():
            return


def _table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: frozenset[int],
    strong: frozenset[int] = frozenset(),
    column: int = 0,
) -> Iterator[str]:
    """`column`: which cell of a row that stands out does so."""
    yield _row([escaped(title) for title in head])
    yield _row([":--" if place in words else "--:" for place in range(len(head))])
    for place, row in enumerate(rows):
        cells = [escaped(cell) for cell in row]
        if place in strong and cells[column]:
            cells[column] = f"**{cells[column]}**"
        yield _row(cells)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
