"""What `benchtop export` does: a session and a format → files that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from app.analysis.export.asked import Asked
from app.analysis.load import Loaded, load
from app.analysis.tables.readable import readable
from app.session.store.folder import TABLES, SessionFolder

Writer = Callable[[Loaded, Asked, Callable[[str], None]], None]

WRITERS: Final[Mapping[str, str]] = {
    "csv": "tables:export_tables",
    "json": "tables:export_tables",
    "arrow": "tables:export_tables",
    "parquet": "tables:export_tables",
    "perfetto": "perfetto:export_trace",
    "prometheus": "prometheus:export_text",
    "otel": "otel:export_metrics",
    "tensorboard": "tensorboard:export_events",
    "mlflow": "mlflow:export_runs",
}
"""Format → module and function. Each is imported only when it is asked for: some need packages that are extras."""


def export_session(folder: SessionFolder, asked: Asked, say: Callable[[str], None]) -> None:
    """Export; `say` hears what was written. Raises ValueError, one line, and OSError."""
    if asked.tables and asked.format not in TABULAR:
        raise ValueError(f"--table is for {', '.join(TABULAR)}; {asked.format} is made of all of a session")
    unknown = [name for name in asked.tables if name not in TABLES]
    if unknown:
        raise ValueError(f"--table {unknown[0]}: there are {', '.join(TABLES)}")
    module, function = WRITERS[asked.format].split(":")
    try:
        write: Writer = getattr(import_module(f"app.analysis.export.{module}"), function)
        with readable(folder):
            # What was written cannot be taken back, and may be far away: what is damaged must be known before.
            loaded = load(folder, thorough=TABLES, partly=asked.format in ROWS)
            for each in loaded.damaged:
                say(each.line)
            write(loaded, asked, say)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"--format {asked.format} needs packages more (there is no {error.name}): "
            f"pip install 'benchtop[{asked.format}]'"
        ) from error


TABULAR: Final = tuple(name for name, writer in WRITERS.items() if writer.startswith("tables:"))
ROWS: Final = (*TABULAR, "perfetto")
"""Formats that copy what was recorded, and sum nothing up: of a damaged table they have what is sound."""
