"""What `benchtop compare` computes: names of sessions → the comparison, with its conditions judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from app.analysis.compare.comparing import compare, with_conditions
from app.analysis.compare.conditions import judge, parse
from app.analysis.compare.sides import LETTERS, OpenSide, open_side
from app.analysis.compare.text import comparison_text
from app.analysis.compare.train_vs_test import train_vs_test
from app.analysis.compare.train_vs_test_text import environments_text
from app.analysis.load import Loaded
from app.analysis.tables.readable import DAMAGED, first_line
from app.session.results.comparison import Comparison
from app.session.store.folder import TABLES, SessionFolder
from app.text.document import json_text

_Made = TypeVar("_Made")
_NONE: Final[Mapping[Path, Loaded]] = MappingProxyType({})


def comparison_of(
    asked: Sequence[tuple[SessionFolder, int]],
    *,
    accepted: Sequence[str],
    within: float,
    conditions: str,
    loaded: Mapping[Path, Loaded] = _NONE,
) -> Comparison:
    """Of sessions with the variant that is meant, 0 for all. Raises ValueError, one line.

    `loaded`: those that are read already, by their folders.
    """
    wanted = parse(conditions)
    comparison = _of_sound(asked, lambda sides: compare(sides, accepted=accepted, within=within), loaded)
    failed, undecided = judge(wanted, comparison)
    return with_conditions(comparison, failed, undecided)


def environments_of(asked: Sequence[tuple[SessionFolder, int]], *, as_json: bool, width: int) -> str:
    """Training beside inference, as text or as one JSON document. Raises ValueError, one line."""
    found = _of_sound(asked, train_vs_test)
    if as_json:
        return json_text(found)
    return environments_text(found, width)


def _open(
    asked: Sequence[tuple[SessionFolder, int]], thorough: Collection[str] = (), loaded: Mapping[Path, Loaded] = _NONE
) -> list[OpenSide]:
    if len(asked) > len(LETTERS):
        raise ValueError(f"{len(asked)} sessions are too many to be told apart: at most {len(LETTERS)}")
    return [
        open_side(place, folder, variant, thorough, loaded.get(folder.path))
        for place, (folder, variant) in enumerate(asked)
    ]


def _of_sound(
    asked: Sequence[tuple[SessionFolder, int]],
    make: Callable[[Sequence[OpenSide]], _Made],
    loaded: Mapping[Path, Loaded] = _NONE,
) -> _Made:
    """As `load.of_sound`, of several sessions. Raises ValueError, one line."""
    try:
        return make(_open(asked, loaded=loaded))
    except DAMAGED:
        pass
    try:
        return make(_open(asked, TABLES))
    except DAMAGED as error:
        raise ValueError(f"the tables of a session cannot be read: {first_line(error)}") from error


def printed(comparison: Comparison, *, as_json: bool, width: int) -> str:
    """As one JSON document, or as text."""
    if as_json:
        return json_text(comparison)
    return comparison_text(comparison, width)
