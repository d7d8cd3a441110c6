"""`python -m app.metrics --fd N FOLDER`: answer at a port that was taken, until the session is over."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path

from app.metrics.server import MetricsServer
from app.session.plain import plain
from app.session.store.folder import SessionFolder

NICE = 10
"""What is measured goes first."""


def main() -> int:
    """Exit status: 1 for a session that cannot be read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    os.nice(NICE)
    listener = socket.socket(fileno=given.fd)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(MetricsServer(SessionFolder(given.folder)).run(listener))
    except (ValueError, OSError) as error:
        print(f"metrics: {plain(str(error))}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
