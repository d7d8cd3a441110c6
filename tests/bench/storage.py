"""What a step costs on the disk, and how long a large session takes to be finished: `python -m tests.bench.storage`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.analysis.roll import roll_all
from app.session import segments
from app.session.folder import SessionFolder, create_session
from app.session.journal import JournalWriter
from app.session.plan import MODULE_COMMAND
from app.session.segments import closed_path
from tests.bench.frames import PLAN, opening
from tests.bench.row import Row
from workloads.wire.columns import pack_integers
from workloads.wire.frames import SESSION, Done, Steps
from workloads.wire.framing import frame_bytes

SAMPLES = 10_000_000
STEP_NS = 1_000_000
ROWS = 1_000
"""Steps a frame: as many as a worker packs at most."""

Columns = dict[str, np.ndarray]


def measure(home: Path) -> list[Row]:
    """The rows."""
    rolled, journal_bytes = _session(home / "rolled", rolls=True)
    rolled_s, rolled_cpu_s, _ = _finished(rolled)
    whole, _ = _session(home / "whole", rolls=False)
    whole_s, whole_cpu_s, whole_bytes = _finished(whole)
    tables = sum(path.stat().st_size for path in rolled.path.glob("steps*.parquet"))
    return [
        Row(
            what="finishing a session of 10 million steps that was rolled as it went; one that was never rolled",
            measured=f"{rolled_s:.1f} s ({rolled_cpu_s:.1f} s of a processor); {whole_s:.1f} s ({whole_cpu_s:.1f} s)",
            floor="≤ 5 s",
            reached=rolled_s <= 5,
            how=f"the process that makes tables, from exec to exit; its memory {whole_bytes / 2**20:,.0f} MiB at most",
        ),
        Row(
            what="bytes of journal and of Parquet a step",
            measured=f"{journal_bytes / SAMPLES:.1f}; {tables / SAMPLES:.1f}",
            floor="≤ 48; ≤ 12",
            reached=journal_bytes <= 48 * SAMPLES and tables <= 12 * SAMPLES,
            how="nine columns as a training on the CPU has them, each time with a noise of its own, in nanoseconds",
        ),
    ]


def _session(home: Path, *, rolls: bool) -> tuple[SessionFolder, int]:
    """A session that is over but for its tables → and the bytes of all its journal."""
    folder = create_session(home, PLAN)
    number = total = 0
    journal = JournalWriter(folder.journal)
    for data in (*opening(), *_frames(), frame_bytes(Done(run=1, at_ns=SAMPLES * STEP_NS * 2)), _over()):
        journal.append(data)
        total += len(data)
        if journal.size >= segments.SEGMENT_BYTES and rolls:
            journal.close()
            number += 1
            folder.journal.rename(closed_path(folder, number))
            roll_all(folder)
            journal = JournalWriter(folder.journal)
    journal.close()
    return folder, total


def _over() -> bytes:
    return frame_bytes(Done(run=SESSION, at_ns=SAMPLES * STEP_NS * 2))


def _frames(seed: int = 1) -> Iterator[bytes]:
    chance = np.random.default_rng(seed)
    start = 0
    for first in range(0, SAMPLES, 100 * ROWS):
        columns = _columns(chance, 100 * ROWS)
        starts = start + np.concatenate([[0], np.cumsum(columns["wall_ns"])])
        start = int(starts[-1])
        loss = (2.3 * np.exp(-first / SAMPLES) + chance.normal(0, 0.05, 100 * ROWS)).astype("<f4")
        for row in range(0, 100 * ROWS, ROWS):
            packed = {name: b"I" + each[row : row + ROWS].astype("<u4").tobytes() for name, each in columns.items()}
            yield frame_bytes(
                Steps(
                    run=1,
                    start_ns=b"q" + starts[row : row + ROWS].astype("<i8").tobytes(),
                    samples=pack_integers([64] * ROWS),
                    loss=b"f" + loss[row : row + ROWS].tobytes(),
                    **packed,  # type: ignore[arg-type]
                )
            )


def _columns(chance: np.random.Generator, count: int) -> Columns:
    """Log-normal times whose spread is that of a training on a quiet machine, and a pause in one step of 200."""

    def part(share: float, spread: float) -> np.ndarray:
        return (share * STEP_NS * np.exp(chance.normal(0, spread, count))).astype(np.int64)

    parts = {
        "data_wait_ns": part(0.03, 0.25),
        "forward_ns": part(0.35, 0.02),
        "backward_ns": part(0.5, 0.02),
        "optimizer_ns": part(0.1, 0.02),
    }
    pause = (chance.random(count) < 0.005) * chance.exponential(2 * STEP_NS, count)
    return {**parts, "wall_ns": sum(parts.values()) + part(0.01, 0.1) + pause.astype(np.int64)}


def _finished(folder: SessionFolder) -> tuple[float, float, int]:
    """Seconds, seconds of a processor, and the most memory that it took, in bytes."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run((*MODULE_COMMAND, "app.analysis.finish", str(folder.path)), check=True)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, cpu_s, after.ru_maxrss * 1024


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="benchtop-storage-") as given:
        for row in measure(Path(given)):
            print(row, file=sys.stdout)
