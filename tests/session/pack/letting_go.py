"""What the end of a process does to the packs that it has open, in this one."""

from __future__ import annotations

import os

from app.session.pack import cache


def let_go() -> None:
    """Have none open any more."""
    while cache._open:
        os.close(cache._open.popitem()[1])
