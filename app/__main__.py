"""The way in: something is on the screen at once, then the commands are imported. `benchtop`, or `python -m app`."""

from __future__ import annotations

import os
import sys

from app.ui.terminal.skeleton import FIRST_PICTURE


def main() -> int:
    """The whole program → exit status."""
    try:
        FIRST_PICTURE.show(sys.argv[1:], os.environ)
        from app.cli import main as command  # noqa: PLC0415 - takes a while, and the first picture stands by now

        return command(guard=True)
    except KeyboardInterrupt:
        return 130
    finally:
        FIRST_PICTURE.take_away()


if __name__ == "__main__":
    sys.exit(main())
