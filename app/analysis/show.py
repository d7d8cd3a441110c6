"""`benchtop show`: a session's summary as text or as one JSON document."""

from __future__ import annotations

import polars as pl

from app.analysis.load import load
from app.analysis.summary import summarise
from app.analysis.text import summary_text
from app.session.folder import SessionFolder
from app.text.document import json_text


def show(folder: SessionFolder, *, as_json: bool, width: int, runs: bool = False) -> str:
    """What a session measured; `runs`: with every repeat in full. Raises ValueError where it cannot be read."""
    try:
        summary = summarise(load(folder))
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        raise ValueError(
            f"the tables of session {folder.name} cannot be read ({str(error).splitlines()[0]}): "
            f"a Parquet file in {folder.path} is missing or damaged"
        ) from error
    if as_json:
        return json_text(summary)
    return summary_text(summary, width, runs=runs)
