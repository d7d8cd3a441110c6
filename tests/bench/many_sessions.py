"""Five thousand sessions: how long a list of them takes, and finding some of them as one types."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from app.session.shelf.labels import write_note, write_tags
from app.session.shelf.listed import INDEX, session_rows
from app.session.store.folder import SessionFolder, list_sessions
from app.ui.shelf import Shelf
from tests.bench.row import Row
from tests.terminal import Terminal

SESSIONS = 5_000
TURNS = 10
TYPED = ("train", "trdig", "2026 copy", "#nightly", "fans half", "zzz", "digits b=32 good")
COMMANDS = (
    ("train/digits", "infer/digits", "--steps", "20", "--set", "threads=1"),
    ("train/digits", "--steps", "10", "--repeats", "2", "--set", "batch=16,32", "--set", "threads=1"),
    ("probe/copy", "--duration", "1", "--set", "threads=1"),
)
"""The sessions that all others are copies of, but for names, times, tags, notes and the larger tables."""


def measure(home: Path) -> list[Row]:
    """In this process, and on the screen."""
    many = home / "many" / "sessions"
    _make(home, many)
    anew = _took(lambda: session_rows(many))
    for path in many.iterdir():  # as if all had been left an hour ago: what changed just now is not remembered
        os.utime(path, (time.time() - 3600,) * 2)
    session_rows(many)
    listed = [_took(lambda: session_rows(many)) for _ in range(TURNS)]
    shelf = Shelf(session_rows(many))
    found = [_took(lambda text=text: shelf.find(text)) for text in _prefixes() for _ in range(3)]  # type: ignore[misc]
    begun, waits = _on_screen(many)
    size = (many / INDEX).stat().st_size / 2**20
    return [
        Row(
            what="5,000 sessions listed: median, max of 10",
            measured=f"{statistics.median(listed) * 1e3:.0f} ms, {max(listed) * 1e3:.0f} ms",
            floor="≤ 300 ms",
            reached=statistics.median(listed) <= 0.3,
            how=f"from an index of {size:.1f} MiB, each held against its files; without it {anew * 1e3:,.0f} ms",
        ),
        Row(
            what="5,000 sessions filtered as one types: median, max of all that is typed",
            measured=f"{statistics.median(found) * 1e3:.1f} ms, {max(found) * 1e3:.1f} ms",
            floor="≤ 50 ms",
            reached=max(found) <= 0.05,
            how=", ".join(f"`{text}`" for text in TYPED) + ", key by key",
        ),
        Row(
            what="`benchtop sessions` with 5,000: first list; key to paint as one types: median, max",
            measured=f"{begun * 1e3:.0f} ms; {statistics.median(waits) * 1e3:.0f} ms, {max(waits) * 1e3:.0f} ms",
            floor="–; median ≤ 50 ms",
            reached=statistics.median(waits) <= 0.05,
            how=f"140×40, {len(waits)} keys, from exec and from the key",
        ),
    ]


def _make(home: Path, many: Path) -> None:
    """Real sessions, then copies of them."""
    environment = {**os.environ, "BENCHTOP_HOME": str(home / "real")}
    for command in COMMANDS:
        words = (sys.executable, "-m", "app", "run", "--headless", *command)
        subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
    real = list_sessions(home / "real" / "sessions")
    chance = random.Random(1)
    for number in range(SESSIONS):
        source = real[number % len(real)]
        at = dt.datetime(2026, 1, 1) + dt.timedelta(minutes=37 * number)
        folder = SessionFolder(many / f"{at:%Y%m%d-%H%M%S}-{source.name[16:]}-{number}")
        folder.path.mkdir(mode=0o700, parents=True)
        manifest = source.read_manifest()
        plan = replace(manifest.plan, created_ns=int(at.timestamp() * 1e9))
        folder.write_manifest(replace(manifest, plan=plan))
        folder.write_plan(plan)
        shutil.copy(source.table("logs"), folder.path)
        if chance.random() < 0.2:
            write_tags(folder, [chance.choice(("nightly", "good", "h200"))])
            write_note(folder, "Fans at half speed.\nThe door was open.")


def _prefixes() -> Iterator[str]:
    """All that stands there while it is typed."""
    for text in TYPED:
        yield from (text[:length] for length in range(1, len(text) + 1))


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _on_screen(many: Path) -> tuple[float, list[float]]:
    """Seconds until the first list, and from each key to what it finds."""
    command = (sys.executable, "-m", "app", "sessions")
    environment = {"BENCHTOP_HOME": str(many.parent)}
    with Terminal(command, columns=140, rows=40, environment=environment) as terminal:
        terminal.until(lambda screen: f"of {SESSIONS:,}" in screen)
        begun = terminal.received[-1][0] - terminal.started
        terminal.read_for(0.5)
        terminal.press("/")
        terminal.read_for(0.5)
        waits, typed = [], ""
        for key in "trdig 49 copy":
            typed += key
            began = time.monotonic()
            terminal.press(key)
            if key != " ":
                terminal.until(lambda _, typed=typed: typed in terminal.screen.display[1])  # type: ignore[misc]
                waits.append(terminal.received[-1][0] - began)
            terminal.read_for(0.3)
    return begun, waits
