"""What was said again and again while a session went on, of which the manifest has the last word alone.

From the frames that are kept beside the tables; a session without them, such as an older one, has none of it.
"""

from __future__ import annotations

from typing import Final

from app.session.folder import SessionFolder
from app.session.journal import JournalReader
from app.session.segments import facts_path
from workloads.wire.frames import ClockAligned, Effect, Verdicts

Said = Verdicts | Effect | ClockAligned
_SAID: Final = (Verdicts, Effect, ClockAligned)


def said(folder: SessionFolder) -> list[Said]:
    """In the order in which it was said. A file that cannot be read says nothing: nothing depends on it."""
    found: list[Said] = []
    for path in (*sorted(folder.path.glob("facts-*.frames")), facts_path(folder)):
        try:
            found += [frame for frame in JournalReader(path) if isinstance(frame, _SAID)]
        except (OSError, ValueError):
            continue
    return found
