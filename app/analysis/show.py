"""`benchtop show`: a session's summary as text or as one JSON document."""

from __future__ import annotations

import msgspec

from app.analysis.load import load
from app.analysis.summary import summarise
from app.analysis.text import summary_text
from app.session.folder import SessionFolder


def show(folder: SessionFolder, *, as_json: bool, width: int) -> str:
    """What a session measured. Raises ValueError where it cannot be read."""
    summary = summarise(load(folder))
    if as_json:
        return msgspec.json.format(msgspec.json.encode(summary)).decode()
    return summary_text(summary, width)
