"""Gives a comparison as one JSON document: `python -P -m app.analysis.compare SESSION_PATH#VARIANT …`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from app.analysis.compare.command import comparison_of
from app.analysis.tables.readable import first_line
from app.session.plain import plain
from app.session.store.folder import SessionFolder
from app.session.store.memory import limit_memory


def main() -> int:
    """Compare once → exit status; what is wrong is one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.compare")
    parser.add_argument("sessions", nargs="+", help="a folder, #, and the number of a variant, 0 for all")
    parser.add_argument("--accept", default="")
    parser.add_argument("--within", type=float, required=True)
    parser.add_argument("--fail-if", default="")
    given = parser.parse_args()
    asked = [
        (SessionFolder(Path(path)), int(variant)) for path, _, variant in (s.rpartition("#") for s in given.sessions)
    ]
    accepted = given.accept.split(",") if given.accept else []
    limit_memory()
    try:
        found = comparison_of(asked, accepted=accepted, within=given.within, conditions=given.fail_if)
    except (ValueError, OSError, MemoryError) as error:
        print(plain(first_line(error)), file=sys.stderr)
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
