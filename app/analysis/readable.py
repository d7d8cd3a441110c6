"""What reading a session's tables may come to: one line where a Parquet file is missing or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from app.session.folder import SessionFolder


@contextmanager
def readable(folder: SessionFolder) -> Iterator[None]:
    """Within it, what Polars says of a table of the session is a ValueError. Tables are read late: when asked."""
    try:
        yield
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        raise ValueError(
            f"the tables of session {folder.name} cannot be read ({str(error).splitlines()[0]}): "
            f"a Parquet file in {folder.path} is missing or damaged"
        ) from error
