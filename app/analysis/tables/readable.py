"""What reading a session's tables may come to: one line where a Parquet file is missing or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from app.session.store.folder import SessionFolder

DAMAGED = (FileNotFoundError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What Polars raises for one; a panic is no Exception."""


@contextmanager
def readable(folder: SessionFolder) -> Iterator[None]:
    """Within it, what Polars says of a table of the session is a ValueError. Tables are read late: when asked."""
    try:
        yield
    except DAMAGED as error:
        if isinstance(error, OSError) and error.filename and not Path(error.filename).is_relative_to(folder.path):
            raise  # of what is written, not of the session
        raise ValueError(
            f"the tables of session {folder.name} cannot be read ({first_line(error)}): "
            f"a Parquet file in {folder.path} is missing or damaged"
        ) from error


def first_line(error: BaseException) -> str:
    """The beginning of what it says, or what it is."""
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
