"""Whether the terminal shows what was composed, every cell of it: `python -m tests.bench.exact SEED` walks once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from tests.bench.row import Row
from tests.ui.walk import walk

FRAMES = 10_000
WALKS = 8
"""Processes that walk at the same time: a walk waits more than it works."""


def measure() -> Row:
    """Every cell of every frame, in walks that start from different seeds."""
    # Textual paints at most so often; a walk need not wait for it.
    environment = {**os.environ, "TEXTUAL_FPS": "1000"}
    walks = [
        subprocess.Popen(
            (sys.executable, "-m", "tests.bench.exact", str(seed)), stdout=subprocess.PIPE, text=True, env=environment
        )
        for seed in range(100, 100 + WALKS)
    ]
    results = [tuple(map(int, walking.communicate()[0].split())) for walking in walks]
    frames, wrong = (sum(column) for column in zip(*results, strict=True))
    return Row(
        what="cells in which the replayed bytes differ from the compositor's own picture",
        measured=f"{wrong} in {frames:,} frames",
        floor=f"0 in {FRAMES:,}",
        reached=wrong == 0 and frames >= FRAMES,
        how="random walks through palette, dialogs, screens, resizes, suspends, toasts, wide characters",
    )


def main(seed: int) -> None:
    """One walk: frames and wrong cells."""
    walked = asyncio.run(walk(seed, lambda walking: walking.frames >= FRAMES / WALKS))
    print(walked.frames, len(walked.wrong))
    for line in walked.wrong[:20]:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]))
