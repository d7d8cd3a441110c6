"""Brings processes and screens together: starts or finds a session, shows it, and says where it is afterwards.

The one place that knows both the conductor and the screens; neither knows the other.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.conductor.spawn import StartingConductor
from app.session.pack.cache import is_cached
from app.session.plain import plain
from app.session.planning.plan import Plan
from app.session.results.comparison import Comparison
from app.session.roofs.roofline import Roofline
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import is_locked
from app.ui.display import Display
from app.ui.terminal.capabilities import CANNOT_DRAW, in_browser

if TYPE_CHECKING:
    from app.metrics.listening import Listening
    from app.session.shelf.listing import SessionRow
    from app.ui.choice import SessionItem, WorkloadItem

NEWEST = 30
"""Sessions that the start screen lists; the sessions screen has all."""
SAVING_S = 120.0
"""How long a stopped session is waited for; its conductor goes on saving after that, only unwatched."""


def start_session(
    home: Path, plan: Plan, streams: Sequence[int] = (), metrics: Listening | None = None
) -> tuple[SessionFolder, StartingConductor]:
    """A new session whose conductor is on its way. Raises OSError when the folder cannot be made.

    `streams`: stdin, stdout and stderr of this process, where a command of the user's is to have them. `metrics`: where
    its numbers can be asked for as long as it goes on.
    """
    folder = create_session(home, plan)
    conductor = StartingConductor(folder, streams)
    if metrics is not None:
        metrics.serve(folder)
    return folder, conductor


def view(
    folder: SessionFolder, display: Display, starting: StartingConductor | None = None, *, read_only: bool = False
) -> bool:
    """Show a session until the user leaves, and say what becomes of it → whether it was left running.

    `read_only`: the user can stop nothing. Raises ValueError where no screen can be, or the session cannot be started.
    """
    check_terminal()
    with _screen_imported():
        from app.session.playing.player import Player
        from app.session.sources.watch import Watch
        from app.ui.app import Ending, view_session

    if starting is not None:
        starting.wait_ready()
    watch = Watch.follow(folder) if is_locked(folder) else Player(folder)
    try:
        ending = view_session(watch, display, read_only=read_only)
    finally:
        watch.close()
    if in_browser(os.environ):
        return ending is Ending.LEFT_RUNNING
    called = plain(folder.name)
    if ending is Ending.LEFT_RUNNING:
        print(f"{called} goes on; `benchtop attach {called}` comes back to it")
        return True
    if is_cached(folder.path, os.environ):
        return False
    wait_saved(folder, lambda: print(f"saving {called} …"))
    print(f"saved in {plain(str(folder.path))}\n`benchtop show {called}` says what it measured")
    return False


def view_pair(first: SessionFolder, second: SessionFolder, display: Display) -> None:
    """Play two sessions together until the user leaves. Raises ValueError without a screen, or where one goes on."""
    check_terminal()
    for folder in (first, second):
        if is_locked(folder):
            raise ValueError(f"{folder.name} still runs: two sessions are played together when both are over")
    with _screen_imported():
        from app.session.playing.pair import PairPlayer
        from app.session.playing.player import Player
        from app.ui.scrubbing import scrub_pair

    with contextlib.ExitStack() as opened:
        one, two = (opened.enter_context(contextlib.closing(Player(folder))) for folder in (first, second))
        scrub_pair(PairPlayer(one, two), first.path, display)


def choose_on_screen(home: Path, display: Display) -> None:
    """Let a person choose what to run or to open, and do that. Raises ValueError as `view` does."""
    check_terminal()
    with _screen_imported():
        from app.recovery import recovered
        from app.session.roofs.kept_rooflines import kept_rooflines
        from app.session.shelf.listed import session_rows
        from app.ui.start import choose

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = session_rows(home)
    newest = _session_items(rows[:NEWEST])
    choice = choose(_workload_items(), newest, _problem, home, display, more=len(rows) - len(newest))
    if choice.workloads:
        rooflines = kept_rooflines(home, socket.gethostname())
        folder, conductor = start_session(home, _plan(choice.workloads, rooflines))
        view(folder, display, conductor)
    elif choice.session is not None:
        view(recovered(SessionFolder(home / choice.session)), display)
    elif choice.browse:
        browse_on_screen(home, display)


def browse_on_screen(home: Path, display: Display) -> None:
    """Let a person find, name, remove and compare sessions; look at the one that is opened. Raises as `view` does."""
    check_terminal()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _screen_imported():
        from app.recovery import recovered
        from app.session.shelf.listed import session_rows
        from app.ui.browsing import browse

        rows = session_rows(home)
    opened = browse(rows, home, display)
    folders = [recovered(SessionFolder(path)) for path in opened]
    if len(folders) > 1:
        view_pair(folders[0], folders[1], display)
    elif folders:
        view(folders[0], display)


def compare_on_screen(comparison: Comparison, home: Path, display: Display) -> None:
    """Show a comparison until the user leaves, and say which conditions are met. Raises ValueError without a screen."""
    check_terminal()
    with _screen_imported():
        from app.ui.comparing import show_comparison

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    show_comparison(comparison, home, display)
    if in_browser(os.environ):
        return
    for said, texts in (("failed", comparison.failed), ("not decided", comparison.undecided)):
        for text in texts:
            print(f"{said}: {plain(text)}")


@contextlib.contextmanager
def _screen_imported() -> Iterator[None]:
    """Import what draws in this block: the environment is prepared, and the garbage collector does not look on.

    Textual's modules stay for good; collecting while they are made costs a fifteenth of the start.
    """
    from app.ui.terminal.environment import prepare

    prepare(os.environ)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _plan(workloads: tuple[str, ...], rooflines: tuple[Roofline, ...] = ()) -> Plan:
    from app.session.planning import RunRequest, make_plan

    return make_plan(RunRequest(workloads=workloads), time.time_ns(), rooflines)


def _problem(workloads: tuple[str, ...]) -> str:
    """Why these cannot be run in this order; empty when they can."""
    try:
        _plan(workloads)
    except ValueError as error:
        return str(error)
    return ""


def _workload_items() -> tuple[WorkloadItem, ...]:
    from app.session.planning.bundle import HELP, NAME
    from app.ui.choice import WorkloadItem
    from workloads.catalog import CATALOG

    return (*(WorkloadItem(entry.name, entry.help) for entry in CATALOG), WorkloadItem(NAME, HELP))


def _session_items(rows: Sequence[SessionRow]) -> tuple[SessionItem, ...]:
    from app.session.shelf.listing_text import headline_text, when_text
    from app.session.shelf.renaming import title_of
    from app.session.shelf.repeated_rows import by_variant
    from app.ui.choice import SessionItem

    return tuple(
        SessionItem(
            name=row.name,
            title=plain(title_of(row.name)),
            when=when_text(row),
            outcome=row.state,
            headline=plain(
                row.problem or " · ".join(filter(None, (headline_text(run) for _, run in by_variant(row.runs))))
            ),
        )
        for row in rows
    )


def wait_saved(folder: SessionFolder, while_waiting: Callable[[], None] = lambda: None) -> None:
    """Return when the session's conductor has saved it and is gone. Raises ValueError when it takes too long."""
    if not is_locked(folder):
        return
    while_waiting()
    deadline = time.monotonic() + SAVING_S
    while is_locked(folder):
        if time.monotonic() > deadline:
            raise ValueError(f"{folder.name} is still being saved; `benchtop attach {folder.name}` shows it")
        time.sleep(0.05)


def check_terminal() -> None:
    """Raises ValueError where a screen cannot be drawn, with what to do instead."""
    if in_browser(os.environ):
        return
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise ValueError(
            "the live screen needs a terminal: `--headless` runs without one, `benchtop show` tells of a saved session"
        )
    if os.environ.get("TERM", "") in CANNOT_DRAW:
        raise ValueError("this terminal (TERM=dumb) cannot show a screen: `--headless` runs without one")
