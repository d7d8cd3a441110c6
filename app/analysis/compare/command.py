"""What `benchtop compare` computes: names of sessions → the comparison, with its conditions judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from app.analysis.compare.comparing import compare, with_conditions
from app.analysis.compare.conditions import judge, parse
from app.analysis.compare.sides import LETTERS, open_side, split_variant
from app.session.comparison import Comparison
from app.session.folder import SessionFolder


def comparison_of(
    asked: Sequence[tuple[SessionFolder, int]], *, accepted: Sequence[str], within: float, conditions: str
) -> Comparison:
    """Of sessions with the variant that is meant, 0 for all. Raises ValueError, one line."""
    if len(asked) > len(LETTERS):
        raise ValueError(f"{len(asked)} sessions are too many to be told apart: at most {len(LETTERS)}")
    wanted = parse(conditions)
    try:
        sides = [open_side(place, folder, variant) for place, (folder, variant) in enumerate(asked)]
        comparison = compare(sides, accepted=accepted, within=within)
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"the tables of a session cannot be read ({said}): a Parquet file is missing") from error
    failed, undecided = judge(wanted, comparison)
    return with_conditions(comparison, failed, undecided)


def folders_of(given: Sequence[str], find: Callable[[str], SessionFolder]) -> list[tuple[SessionFolder, int]]:
    """`SESSION` or `SESSION#VARIANT`; a folder whose name ends like one is still that folder."""
    found = []
    for text in given:
        name, variant = (text, 0) if Path(text).is_dir() else split_variant(text)
        found.append((find(name), variant))
    return found
