"""What it costs a training run to be watched: `train/digits` under benchtop against a bare loop, interleaved."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.row import Row

PAIRS = 7
STEPS = 600
FLOOR = 0.97


def measure(home: Path) -> Row:
    """Median of the pairwise ratios of samples a second; the two take turns, so that drift hits both alike."""
    ratios = []
    for pair in range(PAIRS):
        if pair % 2:
            bare = _bare()
            ratios.append(_watched(home) / bare)
        else:
            ratios.append(_watched(home) / _bare())
    ratio = statistics.median(ratios)
    return Row(
        what="throughput of `train/digits` (CPU) against a bare loop over the same model",
        measured=f"{ratio:.3f} ({min(ratios):.3f} to {max(ratios):.3f})",
        floor=f"{FLOOR}",
        reached=ratio >= FLOOR,
        how=f"median of {PAIRS} interleaved pairs of {STEPS} steps, headless, telemetry at 4 Hz",
    )


def _watched(home: Path) -> float:
    command = (sys.executable, "-m", "app", "run", "train/digits", "--json", "--steps", str(STEPS))
    done = subprocess.run(
        command, env={**os.environ, "BENCHTOP_HOME": str(home)}, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout)["runs"][0]["samples_per_s"])


def _bare() -> float:
    command = (sys.executable, "-P", "-m", "workloads.train.bare_digits", "--steps", str(STEPS))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["samples_per_s"])
