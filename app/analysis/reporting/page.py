"""A report as one HTML file: it opens without a network, in light and in dark, on a phone and on paper.

Every text of a session is escaped here, and only here. Should that fail once, the page's own policy stands behind it:
nothing may be fetched, framed or sent from it, and only the two scripts whose sums stand in the policy may run.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from importlib import metadata, resources
from typing import Any, Final

import msgspec

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
)
from app.analysis.reporting.script import bundle, inline
from app.session.plain import plain

_UNSAFE: Final = re.compile("[<>&\u2028\u2029]")
NAVIGATED: Final = 40
METHOD: Final = (
    "Everything is over the measured part of each run, without warm-up. Percentiles come from every sample. Charts "
    "over time show stretches: a line is the median, or mean, of all that ended in one; bands hold the middle 80 %, "
    "and all from the fastest to the slowest, so that nothing is left out. Intervals are of 95 % confidence. What was "
    "not measured is a dash, never 0."
)


def escaped(text: str) -> str:
    """For an element's content or an attribute in double quotes."""
    return html.escape(plain(text), quote=True)


def json_escaped(document: object) -> str:
    """JSON that no element can be ended by."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", msgspec.json.encode(document).decode())


def page(document: Document) -> str:
    """The whole file."""
    writer = _Writer()
    body = list(writer.document(document))
    charts = writer.charts
    scripts = [bundle(), inline(_own("page.js"))] if charts else []
    return "\n".join((*_head(document.title, scripts), *body, *_scripts(charts, scripts), "</body>", "</html>", ""))


def _own(name: str) -> str:
    return resources.files("app.analysis.reporting").joinpath(name).read_text(encoding="utf-8")


def _head(title: str, scripts: Sequence[str]) -> Iterator[str]:
    sums = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{each}'" for each in sums) or "'none'"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        f"base-uri 'none'; form-action 'none'"
    )
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<link rel="icon" href="data:,">'
    yield f"<title>{escaped(title)} – benchtop report</title>"
    yield f"<style>\n{_own('page.css')}</style>"
    yield "</head>"
    yield "<body>"


def _scripts(charts: Sequence[dict[str, Any]], scripts: Sequence[str]) -> Iterator[str]:
    if not charts:
        return
    yield '<div id="tip" class="tip" role="status" hidden></div>'
    yield f'<script type="application/json" id="charts">{json_escaped(charts)}</script>'
    yield from (f"<script>{script}</script>" for script in scripts)


class _Writer:
    """Numbers sections and collects charts as it goes."""

    def __init__(self) -> None:
        self.charts: list[dict[str, Any]] = []
        self._placed: list[tuple[int, str, Section]] = []
        """Level and name of every section so far."""

    def document(self, document: Document) -> Iterator[str]:
        """All between the head and the scripts."""
        main = [line for section in document.sections for line in self._section(section, 2)]
        yield '<header class="top">'
        yield '<p class="brand">benchtop report</p>'
        yield f"<h1>{escaped(document.title)}</h1>"
        yield f'<p class="sub">{escaped(document.subtitle)}</p>'
        yield from self._navigation(alone=len(document.sections) == 1)
        yield "</header>"
        yield "<main>"
        yield from main
        if self.charts:
            yield "<noscript><p>Charts are drawn by JavaScript, which is off here; all else is there.</p></noscript>"
        yield "</main>"
        made = dt.datetime.now().astimezone()
        yield "<footer>"
        yield f"<p>{METHOD}</p>"
        yield f"<p>Made by benchtop {escaped(metadata.version('benchtop'))}, {made:%Y-%m-%d %H:%M %Z}.</p>"
        yield "</footer>"

    def _section(self, section: Section, level: int) -> Iterator[str]:
        name = f"s{len(self._placed) + 1}"
        self._placed.append((level, name, section))
        note = f'<span class="note">{escaped(section.note)}</span>' if section.note else ""
        # On the deepest level headings stay of one kind.
        tag = f"h{min(level, 5)}"
        heading = f"<{tag}>{escaped(section.title)}{note}</{tag}>"
        yield f'<section class="l{min(level, 5)}" id="{name}">'
        yield f"<details><summary>{heading}</summary>" if section.folded else heading
        for block in section.blocks:
            yield from self._block(block)
        for each in section.sections:
            yield from self._section(each, level + 1)
        yield "</details></section>" if section.folded else "</section>"

    def _navigation(self, *, alone: bool) -> Iterator[str]:
        """Links to the sections that were written. `alone`: below one of its own; of several, runs are called alike."""
        links = [
            (name, section.title)
            for level, name, section in self._placed
            if level == 2 or (level == 3 and alone and not (section.folded and section.detail))
        ]
        if len(links) > 1:
            yield '<nav aria-label="sections"><ul>'
            for name, title in links[:NAVIGATED]:
                yield f'<li><a href="#{name}">{escaped(title)}</a></li>'
            yield "</ul></nav>"

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph():
                yield f"<p>{escaped(block.text)}</p>"
            case Facts():
                yield from _facts(block)
            case Table():
                yield from _table(block)
            case Notice():
                yield f'<div class="notice {block.tone}"><p><b>{escaped(block.title)}</b> {escaped(block.text)}</p>'
                if block.remedy:
                    yield f'<p class="try"><span>try:</span> {escaped(block.remedy)}</p>'
                yield "</div>"
            case Tiles():
                yield from _tiles(block)
            case Picture():
                yield from self._picture(block)

    def _picture(self, picture: Picture) -> Iterator[str]:
        name = f"chart-{len(self.charts) + 1}"
        self.charts.append(
            {
                "id": name,
                "spec": plainly(picture.spec),
                "data": plainly(picture.data),
                "span": picture.span,
                "readouts": picture.readouts,
            }
        )
        says = f'<span class="says">{escaped(picture.says)}</span>' if picture.says else ""
        yield f'<figure id="{name}"><figcaption>{escaped(picture.title)}{says}'
        if picture.span is not None:
            yield '<span class="hint">drag to zoom, double-click for all</span>'
            for way, sign, what in (("in", "+", "zoom in"), ("out", "−", "zoom out"), ("all", "all", "show all")):
                yield f'<button type="button" data-zoom="{way}" aria-label="{what}" title="{what}">{sign}</button>'
        label = escaped(f"{picture.title}. {picture.says}")
        timed = " timed" if picture.span is not None else ""
        yield f'</figcaption><div class="plot{timed}" role="img" aria-label="{label}"></div></figure>'


def plainly(value: Any) -> Any:
    """The same with every text in it made plain: values of data sets, and of scales over them alike."""
    match value:
        case str():
            return plain(value)
        case list():
            return [plainly(each) for each in value]
        case dict():
            return {plain(name): plainly(each) for name, each in value.items()}
        case _:
            return value


def _facts(block: Facts) -> Iterator[str]:
    rows = [(name, text) for name, text in block.rows if text]
    if rows:
        yield '<dl class="facts">'
        yield from (f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in rows)
        yield "</dl>"


def _table(block: Table) -> Iterator[str]:
    if not block.rows:
        return
    label = escaped(block.caption or ", ".join(filter(None, block.head)))
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>'
    if block.caption:
        yield f"<caption>{escaped(block.caption)}</caption>"
    heads = (
        f'<th scope="col"{_words(block, place)}>{escaped(title)}</th>' if title else f"<td{_words(block, place)}></td>"
        for place, title in enumerate(block.head)
    )
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    for number, row in enumerate(block.rows):
        first, *others = row
        strong = ' class="strong"' if number in block.strong else ""
        cells = "".join(f"<td{_words(block, place)}>{escaped(cell)}</td>" for place, cell in enumerate(others, 1))
        yield f'<tr{strong}><th scope="row"{_words(block, 0)}>{escaped(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _words(block: Table, place: int) -> str:
    return ' class="w"' if place in block.words else ""


def _tiles(block: Tiles) -> Iterator[str]:
    yield '<div class="tiles">'
    for tile in block.tiles:
        note = f'<dd class="of">{escaped(tile.note)}</dd>' if tile.note else ""
        yield f'<dl class="tile"><dt>{escaped(tile.label)}</dt><dd class="value">{escaped(tile.value)}</dd>{note}</dl>'
    yield "</div>"
