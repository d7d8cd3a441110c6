"""A journal as a broken machine may leave it: cut, or with a bit turned over, at a random place of a random file."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

from app.analysis.finishing.finish import finish
from app.analysis.tables.parquet import scan_tables
from app.conductor.record import Record
from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_path, closed_segments
from tests.session.frames import MS, PLAN, hello, measuring, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Steps
from workloads.wire.framing import HEADER, frame_bytes

FRAMES = 120
STEPS = 5


def numbered(first: int) -> Steps:
    """Some steps, whose samples are their numbers."""
    numbers = range(first, first + STEPS)
    return Steps(
        run=1,
        start_ns=pack_integers([number * MS for number in numbers]),
        wall_ns=pack_integers([MS] * STEPS),
        samples=pack_integers(numbers),
    )


def written(home: Path) -> SessionFolder:
    """An interrupted session of a few segments."""
    folder = create_session(home, PLAN)
    record = Record(folder, segment_bytes=4_000)
    frames: list[AnyFrame] = [hello(), started(), measuring()]
    frames += [numbered(1 + STEPS * place) for place in range(FRAMES)]
    for frame in frames:
        record.put(frame)
    record.close()
    return folder


def damaged_faults(whole: SessionFolder, home: Path, chance: random.Random) -> list[str]:
    """Damage a copy and finish it → what does not hold, in a line each."""
    folder = SessionFolder(home / "damaged")
    shutil.rmtree(folder.path, ignore_errors=True)
    shutil.copytree(whole.path, folder.path)
    paths = [*(closed_path(folder, number) for number in closed_segments(folder)), folder.journal]
    path = chance.choice(paths)
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    cut = chance.random() < 0.5
    if cut:
        touched = _numbers(bytes(data), place, len(data))
        clean = place in _bounds(bytes(data))
        del data[place:]
    else:
        touched = _numbers(bytes(data), place, place + 1)
        clean = False
        data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    manifest = finish(folder)
    there = scan_tables(folder)["steps"].collect()["samples"].sort().to_list()
    expected = [number for number in range(1, FRAMES * STEPS + 1) if number not in touched]
    what = f"{'cut' if cut else 'a bit turned over'} at byte {place} of {path.name}"
    found = []
    if there != expected:
        found.append(f"{what}: {len(expected)} steps were to be there, {len(there)} are")
    recovery = manifest.recovery
    if not clean and (recovery is None or not recovery.lost_bytes or not recovery.reason):
        found.append(f"{what}: it is not named")
    elif not clean and recovery is not None and not cut:
        places = [damage for damage in recovery.damages if damage.offset <= place < damage.offset + damage.bytes]
        if not places and not recovery.lost_bytes:
            found.append(f"{what}: another place is named")
    return found


def _bounds(data: bytes) -> list[int]:
    """Where frames begin, and where the last one ends."""
    bounds = [0]
    while bounds[-1] < len(data):
        bounds.append(bounds[-1] + HEADER.size + HEADER.unpack_from(data, bounds[-1])[0])
    return bounds


def _numbers(data: bytes, first: int, behind: int) -> set[int]:
    """The steps in frames that have any of these bytes."""
    bounds = _bounds(data)
    by_bytes = {frame_bytes(numbered(1 + STEPS * place)): 1 + STEPS * place for place in range(FRAMES)}
    touched: set[int] = set()
    for begin, end in itertools.pairwise(bounds):
        number = by_bytes.get(data[begin:end])
        if number is not None and begin < behind and end > first:
            touched.update(range(number, number + STEPS))
    return touched
