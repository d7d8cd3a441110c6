"""What `benchtop compare` computes: names of sessions → the comparison, with its conditions judged."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from app.analysis.compare.comparing import compare, with_conditions
from app.analysis.compare.conditions import judge, parse
from app.analysis.compare.sides import LETTERS, open_side
from app.analysis.compare.text import comparison_text
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


def printed(comparison: Comparison, *, as_json: bool, width: int) -> str:
    """As one JSON document, or as text."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode(comparison)).decode()
    return comparison_text(comparison, width)
