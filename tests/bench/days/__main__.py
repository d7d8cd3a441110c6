"""`python -m tests.bench.days [HOURS]`: print the rows of so many hours; its processes are started by their names."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from app.session.store.folder import SessionFolder


def main(arguments: list[str]) -> int:
    """What is asked for; a process has in memory what it needs and nothing else → exit status."""
    room = "tests.bench.days."
    match arguments:
        case ["worker", hours]:
            importlib.import_module(f"{room}pouring").worker(int(hours))
        case ["sampler", *_]:
            importlib.import_module(f"{room}pouring").sampler()
        case ["conductor", path]:
            return int(importlib.import_module(f"{room}conducting").main(SessionFolder(Path(path))))
        case ["viewer", path]:
            importlib.import_module(f"{room}following").viewer(SessionFolder(Path(path)))
        case ["roll" | "finish" as what, *given]:
            return int(importlib.import_module(f"{room}peaks").noting(what, given))
        case hours:
            with tempfile.TemporaryDirectory(prefix="benchtop-days-") as home:
                for row in importlib.import_module(f"{room}measuring").measure(Path(home), *map(int, hours)):
                    print(row)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
