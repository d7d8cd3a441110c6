"""What verdicts cost the conductor, as a part of one core: of one rank that is fast, and of many ranks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from app.verdicts.engine import LOOK_NS, Engine
from tests.bench.frames import PLAN, opening, steps_frame
from tests.bench.row import Row
from workloads.rows import ROWS_A_FRAME
from workloads.wire.frames import AnyFrame
from workloads.wire.framing import FrameReader

STEPS_A_SECOND = 100_000
RANKS, RANK_STEPS_A_SECOND, RANK_FRAMES_A_SECOND = 64, 100, 10
SECONDS = 20
REPEATS = 5
CEILING = 0.03
"""Of a core, with all columns that a training run has; a workload of so many steps a second has two or three."""


def measure() -> Iterator[Row]:
    """Processor time of the engine alone, over frames of ten columns that were decoded beforehand."""
    yield _row(
        f"{STEPS_A_SECOND:,} steps/s",
        _frames(1, ROWS_A_FRAME, SECONDS * STEPS_A_SECOND // ROWS_A_FRAME, LOOK_NS // STEPS_A_SECOND),
        f"steps with ten columns, {ROWS_A_FRAME:,} a frame",
    )
    rows = RANK_STEPS_A_SECOND // RANK_FRAMES_A_SECOND
    yield _row(
        f"{RANKS} ranks of {RANK_STEPS_A_SECOND} steps/s",
        _frames(RANKS, rows, SECONDS * RANK_FRAMES_A_SECOND, LOOK_NS // RANK_STEPS_A_SECOND),
        f"steps with ten columns, {rows} a frame",
    )


def _frames(ranks: int, rows: int, count: int, step_ns: int) -> list[AnyFrame]:
    """So many frames of each rank, in the order of time."""
    reader = FrameReader()
    return [
        frame
        for number in range(count)
        for rank in range(ranks)
        for frame in reader.feed(steps_frame(number * rows, rows, step_ns, rank=rank))
    ]


def _row(what: str, frames: list[AnyFrame], how: str) -> Row:
    first = [frame for data in opening() for frame in FrameReader().feed(data)]
    a_second = len(frames) // SECONDS
    shares = []
    for _ in range(REPEATS):
        engine = Engine(PLAN)
        for frame in first:
            engine.feed(frame)
        began = time.process_time()
        for number, frame in enumerate(frames, 1):
            engine.feed(frame)
            if number % a_second == 0:
                engine.look(number // a_second * LOOK_NS)
        shares.append((time.process_time() - began) / SECONDS)
    share = statistics.median(shares)
    return Row(
        what=f"verdicts: processor time of the conductor for them at {what}",
        measured=f"{share * 100:.1f} % of a core",
        floor=f"at most {CEILING * 100:.0f} %",
        reached=share <= CEILING,
        how=f"{how}, one look a second; median of {REPEATS}",
    )
