"""`benchtop show`: a session's summary as text or as one JSON document."""

from __future__ import annotations

import importlib
import threading

from app.analysis.load import of_sound
from app.analysis.summary.making import summarise
from app.analysis.summary.text import summary_text
from app.session.store.folder import SessionFolder
from app.text.document import json_text


def show(folder: SessionFolder, *, as_json: bool, width: int, runs: bool = False) -> str:
    """What a session measured; `runs`: with every repeat in full. Raises ValueError where it cannot be read."""
    # Percentiles need it; it takes a fifth of a second, in which the first tables can be read.
    threading.Thread(target=importlib.import_module, args=("scipy.special",), daemon=True).start()
    summary = of_sound(folder, summarise)
    if as_json:
        return json_text(summary)
    return summary_text(summary, width, runs=runs)
