"""What `benchtop compare` computes: names of sessions → the comparison, with its conditions judged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from app.analysis.compare.comparing import compare, with_conditions
from app.analysis.compare.conditions import judge, parse
from app.analysis.compare.sides import LETTERS, OpenSide, open_side
from app.analysis.compare.text import comparison_text
from app.analysis.compare.train_vs_test import train_vs_test
from app.analysis.compare.train_vs_test_text import environments_text
from app.analysis.tables.readable import DAMAGED, first_line
from app.session.results.comparison import Comparison
from app.session.store.folder import SessionFolder
from app.text.document import json_text


def comparison_of(
    asked: Sequence[tuple[SessionFolder, int]], *, accepted: Sequence[str], within: float, conditions: str
) -> Comparison:
    """Of sessions with the variant that is meant, 0 for all. Raises ValueError, one line."""
    wanted = parse(conditions)
    with _readable():
        comparison = compare(_open(asked), accepted=accepted, within=within)
    failed, undecided = judge(wanted, comparison)
    return with_conditions(comparison, failed, undecided)


def environments_of(asked: Sequence[tuple[SessionFolder, int]], *, as_json: bool, width: int) -> str:
    """Training beside inference, as text or as one JSON document. Raises ValueError, one line."""
    with _readable():
        found = train_vs_test(_open(asked))
    if as_json:
        return json_text(found)
    return environments_text(found, width)


def _open(asked: Sequence[tuple[SessionFolder, int]]) -> list[OpenSide]:
    if len(asked) > len(LETTERS):
        raise ValueError(f"{len(asked)} sessions are too many to be told apart: at most {len(LETTERS)}")
    return [open_side(place, folder, variant) for place, (folder, variant) in enumerate(asked)]


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """What Polars says of a table that is missing or damaged becomes one line."""
    try:
        yield
    except DAMAGED as error:
        said = first_line(error)
        raise ValueError(f"the tables of a session cannot be read ({said}): one is missing or damaged") from error


def printed(comparison: Comparison, *, as_json: bool, width: int) -> str:
    """As one JSON document, or as text."""
    if as_json:
        return json_text(comparison)
    return comparison_text(comparison, width)
