"""Cells of CSV: lists in one of them, and texts that a spreadsheet would compute made harmless."""

from __future__ import annotations

from typing import Final

import polars as pl

FORMULA: Final = r"^[\s\x00]*[=+\-@\t\r\n＝＋－＠]"
"""What a spreadsheet may take for a formula (OWASP, "CSV Injection"), after blanks too."""


def flat(table: pl.LazyFrame) -> pl.LazyFrame:
    """Lists as their numbers with a blank between: `25.0 75.0`. A CSV file has nothing nested."""
    nested = [name for name, kind in table.collect_schema().items() if isinstance(kind, pl.List)]
    return table.with_columns(pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(" ") for name in nested)


def guarded(table: pl.LazyFrame) -> pl.LazyFrame:
    """Texts that begin like a formula with an apostrophe in front, which spreadsheets know as the sign of a text."""
    return table.with_columns(
        pl.when(pl.col(name).str.contains(FORMULA)).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in _texts(table)
    )


def suspects(table: pl.LazyFrame) -> int:
    """How many texts begin like a formula."""
    names = _texts(table)
    if not names:
        return 0
    found = table.select(pl.col(name).str.contains(FORMULA).sum() for name in names).collect(engine="streaming")
    return int(found.select(pl.sum_horizontal(pl.all())).item() or 0)


def _texts(table: pl.LazyFrame) -> list[str]:
    return [name for name, kind in table.collect_schema().items() if kind == pl.String]
