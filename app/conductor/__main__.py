"""The conductor's process: `python -P -m app.conductor SESSION_PATH`, started in a session of its own.

Holds the session's lock for its life, answers on the control socket, and hands the closed journal to
the process that makes tables of it. It says `ready` on the file descriptor that it was given, once it
can be talked to. Prints nothing unless something is wrong with benchtop itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from functools import partial
from pathlib import Path

from app.conductor.control import serve
from app.conductor.record import Record
from app.conductor.session import Session
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder
from app.session.store.lock import hold_lock
from app.session.store.segments import closed_segments, rolled_segments
from workloads.wire.frames import Outcome

EXIT_STATUS: dict[Outcome, int] = {"done": 0, "failed": 1, "interrupted": 130, "skipped": 130}


def main() -> int:
    """Run the plan of one session folder → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.conductor")
    parser.add_argument("session", type=Path)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--streams", type=int, nargs="+", default=(), help="what a user's command is to have")
    given = parser.parse_args()
    folder = SessionFolder(given.session)
    try:
        plan = folder.read_plan()
        with hold_lock(folder):
            _require_unbegun(folder)
            record = Record(folder, max_bytes=plan.max_bytes)
            for stream in given.streams:
                os.set_inheritable(stream, False)
            session = Session(folder, plan, record, given.streams)
            outcome = asyncio.run(_conduct(session, folder, given.ready_fd))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return EXIT_STATUS[outcome]


def _require_unbegun(folder: SessionFolder) -> None:
    """A plan is carried out once: a second time would mix with what the first has left. Raises ValueError."""
    if folder.manifest.exists() or folder.journal.exists() or closed_segments(folder) or rolled_segments(folder):
        raise ValueError(
            f"session {folder.name} was begun before: `benchtop show {folder.name}` says what it measured, "
            f"`benchtop run` begins another"
        )


async def _conduct(session: Session, folder: SessionFolder, ready: int | None) -> Outcome:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, session.stop)
    loop.add_signal_handler(signal.SIGTERM, partial(session.stop, terminate=True))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    async with serve(folder, session.obey):
        if ready is not None:
            _say_ready(ready)
        outcome = await session.run()
        await _finish(folder)
    return outcome


def _say_ready(ready: int) -> None:
    with contextlib.suppress(OSError):
        os.write(ready, b"ready")
    os.close(ready)


async def _finish(folder: SessionFolder) -> None:
    """Tables and manifest are made by a process of their own: Polars never loads here, and its memory is given back."""
    command = (*MODULE_COMMAND, "app.analysis.finishing.finish", "--by-conductor", str(folder.path))
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    await process.wait()


if __name__ == "__main__":
    sys.exit(main())
