"""Sessions whose journal lies in segments, as a conductor leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_path
from tests.session.frames import PLAN
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import frame_bytes


def segmented(home: Path, frames: Sequence[AnyFrame], cuts: Sequence[int]) -> SessionFolder:
    """A session folder with these frames: a segment is closed before each place of `cuts`."""
    folder = create_session(home, PLAN)
    begin = 0
    for number, cut in enumerate(cuts, start=1):
        closed_path(folder, number).write_bytes(b"".join(map(frame_bytes, frames[begin:cut])))
        begin = cut
    folder.journal.write_bytes(b"".join(map(frame_bytes, frames[begin:])))
    return folder
