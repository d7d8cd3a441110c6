"""The damaged places of a session's journal, each by itself, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.session.store.manifest import Recovery

MOST: Final = 20
"""Places that are told one by one; the manifest names more."""


def recovery_text(recovery: Recovery) -> str:
    """What was found of it, and what was not."""
    lost = f"; {recovery.reason}" if recovery.reason else ""
    return f"{recovery.frames:,} whole frames{lost}"


def damage_lines(recovery: Recovery) -> Iterator[str]:
    """A line each; none where there is only one, which the recovery's own reason names."""
    if recovery.places == 1:
        return
    for damage in recovery.damages[:MOST]:
        file = f"journal-{damage.segment:05}.frames" if damage.segment else "journal.frames"
        yield f"{file} at byte {damage.offset:,}: {damage.bytes:,} bytes ({damage.reason})"
    if recovery.places > MOST:
        yield f"… and {recovery.places - MOST:,} more places"
