"""The doctor: what this machine offers, and what on it will disturb a benchmark.

It looks and advises, and changes nothing. Drivers and torch are asked in processes of their own with
a time limit, so that one that hangs is told instead of hanging the doctor.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import msgspec

from app.doctor.collect import collect
from app.doctor.diagnosis import Advice, Diagnosis, Facts
from app.doctor.text import text

__all__ = ["Advice", "Diagnosis", "Facts", "collect", "main", "text"]


def main(*, json: bool, home: Path, stream: TextIO | None = None) -> int:
    """Print the diagnosis for the folder of sessions `home`, as text or as one JSON document → exit status 0."""
    stream = sys.stdout if stream is None else stream
    diagnosis = collect(home, environment=os.environ)
    if json:
        print(msgspec.json.format(msgspec.json.encode(diagnosis), indent=2).decode(), file=stream)
    else:
        print(text(diagnosis), file=stream)
    return 0
