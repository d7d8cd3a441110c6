"""Fills a small disk with a session and says what is left of it: `python -m tests.conductor.disk FOLDER`.

Run by a test inside a mount namespace, where the folder is a file system of a few megabytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.analysis.load import load
from app.analysis.summary.making import summarise
from tests.conductor.harness import finished, plan_of


def main() -> None:
    """Say the session's failure and how many samples can still be read."""
    folder = finished(Path(sys.argv[1]), plan_of("fills"))

    summary = summarise(load(folder))
    failure = folder.read_manifest().failure
    print(failure.message if failure else "no failure")
    print(summary.runs[0].samples, "samples kept")


if __name__ == "__main__":
    main()
