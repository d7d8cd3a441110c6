"""What verdicts cost the conductor at 100,000 steps a second, as a part of one core."""

from __future__ import annotations

import statistics
import time

from app.verdicts.engine import LOOK_NS, Engine
from tests.bench.frames import PLAN, opening, steps_frame
from tests.bench.row import Row
from workloads.rows import ROWS_A_FRAME
from workloads.wire.framing import FrameReader

STEPS_A_SECOND = 100_000
SECONDS = 20
REPEATS = 5
CEILING = 0.03
"""Of a core, with all columns that a training run has; a workload of so many steps a second has two or three."""


def measure() -> Row:
    """Processor time of the engine alone, over frames of ten columns that were decoded beforehand."""
    step_ns = LOOK_NS // STEPS_A_SECOND
    reader = FrameReader()
    first = [frame for data in opening() for frame in reader.feed(data)]
    frames = [
        frame
        for number in range(SECONDS * STEPS_A_SECOND // ROWS_A_FRAME)
        for frame in reader.feed(steps_frame(number * ROWS_A_FRAME, ROWS_A_FRAME, step_ns))
    ]
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
        what=f"verdicts: processor time of the conductor for them at {STEPS_A_SECOND:,} steps/s",
        measured=f"{share * 100:.1f} % of a core",
        floor=f"at most {CEILING * 100:.0f} %",
        reached=share <= CEILING,
        how=f"steps with ten columns, {ROWS_A_FRAME:,} a frame, one look a second; median of {REPEATS}",
    )
