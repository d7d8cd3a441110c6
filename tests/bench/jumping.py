"""How long another instant of a saved session of a million steps takes to stand on the screen's tape."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from app.analysis.finishing.finish import finish
from app.session.playing.playback import moved
from app.session.playing.player import Player
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalWriter
from tests.bench.frames import PLAN, opening, steps_frame
from tests.bench.row import Row
from workloads.wire.frames import Done, Gauges
from workloads.wire.framing import frame_bytes

STEPS = 1_000_000
A_SECOND = 1_000
JUMPS = 40
LIMIT_S = 0.2
BUDGET_S = 0.03
"""Of one look."""


def measure() -> Row:
    """From the order to the view, looks one behind the other as the screen does."""
    with tempfile.TemporaryDirectory() as home:
        player = Player(_saved(Path(home)))
        try:
            first = _read(player)
            took, looks = _jumps(player)
        finally:
            player.close()
    middle, longest = statistics.median(took), max(took)
    return Row(
        what="a jump in a saved session of a million steps: median, from the order to the view",
        measured=f"{1e3 * middle:,.0f} ms",
        floor=f"≤ {1e3 * LIMIT_S:,.0f} ms",
        reached=middle <= LIMIT_S,
        how=f"{JUMPS} jumps, the longest {1e3 * longest:,.0f} ms, the longest look {1e3 * max(looks):,.0f} ms; "
        f"the end stood after {first:.1f} s",
    )


def _saved(home: Path) -> SessionFolder:
    folder = create_session(home, PLAN)
    writer = JournalWriter(folder.journal)
    for data in opening():
        writer.append(data)
    step_ns = 1_000_000_000 // A_SECOND
    for second in range(STEPS // A_SECOND):
        readings = {"cpu_percent": 50.0, "memory_used_bytes": 1e9}
        for quarter in range(4):
            at_ns = second * 1_000_000_000 + quarter * 250_000_000
            writer.append(frame_bytes(Gauges(at_ns=at_ns, device="host", source="psutil", readings=readings)))
        writer.append(steps_frame(second * A_SECOND, A_SECOND, step_ns))
    end_ns = STEPS // A_SECOND * 1_000_000_000
    writer.append(frame_bytes(Done(run=1, at_ns=end_ns, outcome="done")))
    writer.append(frame_bytes(Done(at_ns=end_ns, outcome="done")))
    writer.close()
    finish(folder)
    return folder


def _read(player: Player) -> float:
    """Until all of it is in memory → seconds until its end was there."""
    began = time.perf_counter()
    while player.look(time.monotonic_ns(), BUDGET_S).catching_up is not None:
        time.sleep(0.01)
    took = time.perf_counter() - began
    while player._coming is not None:
        player.look(time.monotonic_ns(), BUDGET_S)
    return took


def _jumps(player: Player) -> tuple[list[float], list[float]]:
    chance, took, looks = random.Random(1), [], []
    for _ in range(JUMPS):
        playback = player.playback
        assert playback is not None
        to_ns = chance.randrange(playback.began_ns, playback.ended_ns)
        began = time.perf_counter()
        player.playback = moved(playback, time.monotonic_ns(), to_ns)
        while True:
            look = time.perf_counter()
            view = player.look(time.monotonic_ns(), BUDGET_S)
            looks.append(time.perf_counter() - look)
            if view.played is not None and not view.played.seeking:
                break
        assert view.now_ns == to_ns
        took.append(time.perf_counter() - began)
    return took, looks
