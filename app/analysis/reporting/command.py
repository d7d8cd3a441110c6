"""What `benchtop report` does: sessions → one document, as a page or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.analysis.compare.command import comparison_of
from app.analysis.load import Loaded, of_sound
from app.analysis.reporting.blocks import Block, Document, Notice, Section, Tiles
from app.analysis.reporting.comparison_section import comparison_section
from app.analysis.reporting.markdown import markdown
from app.analysis.reporting.session_section import session_section, session_tile, when_text
from app.analysis.summary.making import summarise
from app.analysis.summary.report import Summary
from app.analysis.why.document import why_of
from app.session.results.comparison import Comparison
from app.session.store.folder import SessionFolder

Asked = Sequence[tuple[SessionFolder, int]]
"""Sessions, each with the variant that is meant; 0: all."""


def as_markdown(asked: Asked, accepted: Sequence[str]) -> str:
    """For an issue or a pull request. Raises ValueError, one line."""
    return markdown(document_of(asked, accepted, drawn=False))


def as_page(asked: Asked, accepted: Sequence[str]) -> str:
    """HTML that needs nothing beside it. Raises ValueError, one line."""
    from app.analysis.reporting.page import page  # noqa: PLC0415 - only a page has charts that run

    return page(document_of(asked, accepted, drawn=True))


def document_of(asked: Asked, accepted: Sequence[str], *, drawn: bool) -> Document:
    """The comparison first, if there is one, then every session. `drawn`: with charts, for which Altair is needed.

    Raises ValueError, one line.
    """
    folders = list({folder.path: folder for folder, _ in asked}.values())
    summaries, sections, opened = [], [], {}
    for folder in folders:
        opened[folder.path], summary, section = of_sound(
            folder, lambda loaded: _section(loaded, alone=len(folders) == 1, drawn=drawn)
        )
        sections.append(section)
        summaries.append(summary)
    first = list(_comparison(asked, summaries, opened, accepted, drawn=drawn))
    if len(summaries) > 1:
        tiles: list[Block] = [Tiles([session_tile(summary) for summary in summaries])]
        first = [Section("At a glance", tiles), *first]
        title, subtitle = f"{len(summaries)} sessions", ", ".join(summary.name for summary in summaries)
    else:
        title, subtitle = summaries[0].name, when_text(summaries[0])
    if len(folders) == 1 and first:
        # What one session came to is read first, then its variants against each other, then its runs.
        (own,) = sections
        return Document(title, subtitle, [replace(own, sections=[*first, *own.sections])])
    return Document(title, subtitle, [*first, *sections])


def _section(loaded: Loaded, *, alone: bool, drawn: bool) -> tuple[Loaded, Summary, Section]:
    summary = summarise(loaded)
    return loaded, summary, session_section(loaded, summary, why_of(loaded, whole=True), alone=alone, drawn=drawn)


def _comparison(
    asked: Asked, summaries: Sequence[Summary], opened: Mapping[Path, Loaded], accepted: Sequence[str], *, drawn: bool
) -> Iterator[Section]:
    """Of several sessions, or of the variants of one; of one that has none, nothing."""
    several = len(asked) > 1
    if not several and len({variant.variant for variant in summaries[0].variants}) < 2:
        return
    try:
        found: Comparison = comparison_of(asked, accepted=accepted, within=0.01, conditions="", loaded=opened)
    except ValueError as error:
        if several:
            yield Section("Comparison", [Notice("info", "not compared", f"{error}")])
        return
    yield comparison_section(found, drawn=drawn)
