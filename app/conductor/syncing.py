"""What is on the disk, and when: the sync policy of a session.

- Every frame is handed to the kernel when the conductor gets it, and is on the disk a second later at most: `sync` is
  called twice a second, and blocks in a thread. A conductor that is killed loses nothing; a machine that loses power
  loses that second.
- A name counts as much as what is in the file. The session's folder is brought onto the disk, and the folder that it
  lies in, with the first frames; a segment that is closed, and the journal that is begun after it, with the next sync:
  first what the old journal still holds, then the names, then the new one. So after a power cut every frame that was
  acknowledged is under a name that readers know.
- Everything else is written under a draft's name, brought onto the disk, and only then given its own; the folder is
  brought onto the disk before anything that it replaces is removed. That holds for parts (before their segment goes),
  and for tables and manifest (before the journal goes). See `app.session.store.files`, `app.analysis.finishing.roll`.
- A disk that says it has lost what it was given ends the session: nothing more would be safe there.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque

from app.session.store.files import sync_names
from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalWriter


class Syncing:
    """The journals of one session, on their way to the disk. `sync` may be called in any thread."""

    def __init__(self, folder: SessionFolder, journal: JournalWriter) -> None:
        self._folder = folder
        self._journals = deque([journal])
        self._synced: tuple[JournalWriter, int] | None = None
        self._begun = False
        self._lock = threading.Lock()
        self.failure: OSError | None = None
        """What the disk said when it could not keep what it was given; nothing is synced any more then."""

    def go_on(self, journal: JournalWriter) -> None:
        """A segment was closed, and frames go into this one from here on. The old one is closed once it is synced."""
        self._journals.append(journal)

    def sync(self) -> None:
        """Return when all that was appended before is on the disk, or there is a failure."""
        with self._lock:
            if self.failure is None:
                try:
                    self._sync()
                except OSError as error:
                    self.failure = error

    def _sync(self) -> None:
        names_new = not self._begun or len(self._journals) > 1
        while len(self._journals) > 1:
            self._journals[0].sync()
            self._journals.popleft().close()
        if names_new:
            sync_names(self._folder.path)
        if not self._begun:
            with contextlib.suppress(PermissionError):  # a folder that may be entered and not read
                sync_names(self._folder.path.parent)
            self._begun = True
        journal = self._journals[0]
        size = journal.size
        if self._synced != (journal, size):
            journal.sync()
            self._synced = (journal, size)
