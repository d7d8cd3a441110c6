"""What a step costs on the disk, and how long a large session takes to be finished: `python -m tests.bench.storage`."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.finishing.roll import roll_all
from app.session.planning.plan import MODULE_COMMAND
from app.session.store import segments
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalWriter
from app.session.store.segments import closed_path
from tests.bench.frames import PLAN, opening
from tests.bench.memory import status_sizes
from tests.bench.row import Row
from workloads.wire.columns import pack_integers
from workloads.wire.frames import SESSION, Done, Steps
from workloads.wire.framing import frame_bytes

SAMPLES = 10_000_000
STEP_NS = 1_000_000
ROWS = 1_000
"""Steps a frame: as many as a worker packs at most."""

PARTS = {
    "data_wait_ns": (0.03, 0.25),
    "forward_ns": (0.35, 0.02),
    "backward_ns": (0.5, 0.02),
    "optimizer_ns": (0.1, 0.02),
}
"""Share of a step, and the spread of its logarithm."""
REST = (0.01, 0.1)
LOSS_SPREAD = 0.05

Column = NDArray[Any]
Columns = dict[str, Column]


def measure(home: Path) -> list[Row]:
    """The rows."""
    rolled, journal_bytes = _session(home / "rolled", rolls=True)
    rolled_s, rolled_cpu_s, rolled_bytes = _finished(rolled)
    whole, _ = _session(home / "whole", rolls=False)
    whole_s, whole_cpu_s, whole_bytes = _finished(whole)
    tables = sum(path.stat().st_size for path in rolled.path.glob("steps*.parquet"))
    return [
        Row(
            what="finishing a session of 10 million steps that was rolled as it went; one that was never rolled",
            measured=f"{rolled_s:.1f} s ({rolled_cpu_s:.1f} s of a processor); {whole_s:.1f} s ({whole_cpu_s:.1f} s)",
            floor="≤ 5 s",
            reached=rolled_s <= 5,
            how=f"the process that makes tables, from exec to exit; its memory {rolled_bytes / 2**20:,.0f} MiB and "
            f"{whole_bytes / 2**20:,.0f} MiB at most",
        ),
        _journal_row(journal_bytes / SAMPLES),
        Row(
            what="bytes of Parquet a step",
            measured=f"{tables / SAMPLES:.1f}",
            floor="≤ 12",
            reached=tables <= 12 * SAMPLES,
            how=f"as a training on the CPU: six times in nanoseconds and a loss, each with a noise of its own; coded "
            f"column by column, as in Parquet, that is {_alone_bytes():.1f} bytes at least, and {_noise_bytes():.1f} "
            f"without the start and the wall time, which follow from the others",
        ),
    ]


def _journal_row(long: float) -> Row:
    """`long`: bytes in frames of a thousand steps."""
    chance = np.random.default_rng(2)
    few = _columns(chance, 100)
    of_device = few | {f"{name}_ns": few["forward_ns"] for name in ("h2d", "device", "ahead")}
    same = {"tokens": 8192, "h2d_bytes": 65536, "pageable_bytes": 0}
    of_device |= {name: np.full(100, value) for name, value in same.items()}
    loss = np.ones(100, "<f4")
    on_cpu, on_device = (
        len(_steps_frame(columns, np.arange(10**15, 10**15 + 100), loss)) / 100 for columns in (few, of_device)
    )
    return Row(
        what="bytes of journal a step: training on the CPU; on a GPU",
        measured=f"{on_cpu:.1f} ({long:.1f} of the fastest); {on_device:.1f}",
        floor="≤ 48",
        reached=max(on_cpu, on_device, long) <= 48,
        how="nine columns, fourteen columns; a hundred steps a frame, as at 1,000 a second (a thousand of the fastest)",
    )


def _noise_bytes() -> float:
    """Bytes a step of what is random and independent.

    Wall time and start follow from the parts; the loss is told in steps of 2⁻²² near 2.3.
    """
    return _normal_bytes(*_time_spreads(), LOSS_SPREAD * 2**22)


def _alone_bytes() -> float:
    """Bytes a step where no column knows of another: a start then says, beside the one before, a wall time again."""
    *parts, rest = _time_spreads()
    wall = float(np.hypot.reduce([*parts, rest]))
    return _normal_bytes(*parts, wall, wall, LOSS_SPREAD * 2**22)


def _time_spreads() -> list[float]:
    """Nanoseconds, of the parts of a step and of what is in none."""
    return [share * STEP_NS * spread for share, spread in (*PARTS.values(), REST)]


def _normal_bytes(*spreads: float) -> float:
    """Of normal quantities, independent ones, told in whole numbers: log₂(σ√(2πe)) bits each."""
    return sum(float(np.log2(spread * np.sqrt(2 * np.pi * np.e))) for spread in spreads) / 8


def _session(home: Path, *, rolls: bool) -> tuple[SessionFolder, int]:
    """A session that is over but for its tables → and the bytes of all its journal."""
    folder = create_session(home, PLAN)
    number = total = 0
    journal = JournalWriter(folder.journal)
    for data in (*opening(), *_frames(), *_ends()):
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


def _ends() -> Iterator[bytes]:
    """Of the run and of the session."""
    for run in (1, SESSION):
        yield frame_bytes(Done(run=run, at_ns=SAMPLES * STEP_NS * 2))


def _frames(seed: int = 1) -> Iterator[bytes]:
    chance = np.random.default_rng(seed)
    start = 0
    for first in range(0, SAMPLES, 100 * ROWS):
        columns = _columns(chance, 100 * ROWS)
        starts = start + np.concatenate([[0], np.cumsum(columns["wall_ns"])])
        start = int(starts[-1])
        loss = (2.3 * np.exp(-first / SAMPLES) + chance.normal(0, LOSS_SPREAD, 100 * ROWS)).astype("<f4")
        for row in range(0, 100 * ROWS, ROWS):
            here = slice(row, row + ROWS)
            yield _steps_frame({name: each[here] for name, each in columns.items()}, starts[:-1][here], loss[here])


def _steps_frame(columns: Columns, starts: Column, loss: Column) -> bytes:
    packed = {name: b"I" + each.astype("<u4").tobytes() for name, each in columns.items()}
    return frame_bytes(
        Steps(
            run=1,
            start_ns=b"q" + starts.astype("<i8").tobytes(),
            samples=pack_integers([64] * len(starts)),
            loss=b"f" + loss.astype("<f4").tobytes(),
            **packed,  # type: ignore[arg-type]
        )
    )


def _columns(chance: np.random.Generator, count: int) -> Columns:
    """Log-normal times whose spread is that of a training on a quiet machine, and a pause in one step of 200."""

    def part(share: float, spread: float) -> Column:
        return np.asarray(share * STEP_NS * np.exp(chance.normal(0, spread, count))).astype(np.int64)

    parts = {name: part(*each) for name, each in PARTS.items()}
    pause = (chance.random(count) < 0.005) * chance.exponential(2 * STEP_NS, count)
    wall = np.sum(list(parts.values()), axis=0) + part(*REST) + pause.astype(np.int64)
    return {**parts, "wall_ns": wall}


def _finished(folder: SessionFolder) -> tuple[float, float, int]:
    """Seconds, seconds of a processor, and the most memory that it took, in bytes."""
    began = time.perf_counter()
    with subprocess.Popen((*MODULE_COMMAND, "app.analysis.finishing.finish", str(folder.path))) as process:
        most = _most_bytes(process)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, most


def _most_bytes(process: subprocess.Popen[bytes]) -> int:
    """Until it ends: the most that was resident. What `wait4` says of that includes this process, as it began it."""
    most = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        most = status_sizes(process.pid).get("VmHWM", most)
        time.sleep(0.02)
    return most


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="benchtop-storage-") as given:
        for row in measure(Path(given)):
            print(row)
