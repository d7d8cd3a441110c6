"""What was said again and again while a session went on, of which the manifest has the last word alone.

From the frames that are kept beside the tables; a session without them, such as an older one, has none of it.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalReader
from app.session.store.segments import facts_path
from workloads.wire.frames import ClockAligned, Effect, Verdicts

Said = Verdicts | Effect | ClockAligned
_SAID: Final = (Verdicts, Effect, ClockAligned)
MOST: Final = 200_000
"""That are given, the first ones: a day of a word a second. A stranger's file could hold any number."""


def said(folder: SessionFolder) -> list[Said]:
    """In the order in which it was said. A file that cannot be read says nothing: nothing depends on it."""
    found: list[Said] = []
    for path in (*sorted(folder.path.glob("facts-*.frames")), facts_path(folder)):
        try:
            frames = (frame for frame in JournalReader(path) if isinstance(frame, _SAID))
            found += islice(frames, MOST - len(found))
        except (OSError, ValueError):
            continue
    return found
