"""A viewer's object that follows a run of days."""

from __future__ import annotations

import select

from app.session.sources.watch import Watch
from app.session.store.folder import SessionFolder
from tests.bench.days.pouring import A_FRAME, FRAMES_A_NOTE, STEP_NS
from tests.bench.memory import own_bytes

OVER = ("done", "failed", "interrupted", "lost")


def viewer(folder: SessionFolder) -> None:
    """Look as a screen does; print the memory at every note."""
    watch = Watch.follow(folder)
    noted = now_ns = 0
    while True:
        view = watch.look(now_ns)
        if view.current is not None:
            now_ns = view.current.steps * STEP_NS
            if view.current.steps // (FRAMES_A_NOTE * A_FRAME) > noted:
                noted = view.current.steps // (FRAMES_A_NOTE * A_FRAME)
                watch.look_back()
                print(own_bytes(), flush=True)
        if view.state in OVER and view.catching_up is None:
            break
        select.select((), (), (), 0.02 if view.catching_up is None else 0.0)
    watch.close()
