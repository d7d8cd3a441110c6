"""A short life of a session, which does all that is ever done to its folder, in one process; and what must hold of any
state in which it may be left.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll_all
from app.analysis.load import Loaded, load
from app.conductor.record import Record
from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_segments
from tests.bench.kills.damaging import STEPS, numbered
from tests.bench.kills.instants import Instants, State
from tests.session.frames import MS, PLAN, hello, measuring, started
from workloads.wire.frames import Done, Gauges, Log, Score

ITEMS: Final = 24
FEW: Final = 10
"""Of them there is a part already, and a segment that waits."""
SEGMENT_BYTES: Final = 1_500
SYNC_EVERY: Final = 3
ROLL_EVERY: Final = 2


class Life:
    """One session: what is said of it is numbered."""

    def __init__(self, home: Path, items: int = ITEMS) -> None:
        self._items = items
        self.folder = create_session(home, PLAN)
        self.written = self.synced = 0
        self.instants = Instants(self.folder.path, lambda: (self.written, self.synced))

    def go(self) -> list[State]:
        """From its first frame to its last table → all states in which its folder was."""
        with self.instants.noted():
            self._conduct()
            finish(self.folder)
        return self.instants.states

    def _conduct(self) -> None:
        record = Record(self.folder, segment_bytes=SEGMENT_BYTES)
        for frame in (hello(), started(), measuring()):
            record.put(frame)
        rolled = 0
        for item in range(1, self._items + 1):
            if item == self._items * 2 // 3:  # a knob is turned: what was measured before is labelled anew at the end
                record.put(replace(started(at_ns=item * MS), parameters={"batch": 8}))
                record.put(measuring(at_ns=item * MS))
            record.put(numbered(1 + (item - 1) * STEPS))
            record.put(Log(run=1, at_ns=item * MS, text=str(item)))
            record.put(Gauges(at_ns=item * MS, device="host", source="psutil", readings={"cpu_percent": float(item)}))
            record.put(Score(run=1, at_ns=item * MS, metric="loss", value=float(item), samples=1, epoch=item))
            self.written = item
            if item % SYNC_EVERY == 0:
                record.sync()
                self.synced = item
            if record.closed >= rolled + ROLL_EVERY:
                rolled = record.closed
                roll_all(self.folder)
        record.put(Done(run=1, at_ns=self._items * MS))
        record.close(Done(at_ns=self._items * MS))
        self.synced = self._items


def state_faults(state: State, home: Path) -> list[str]:
    """What does not hold of a session that was left so, in a line each."""
    folder = SessionFolder(home / "left")
    shutil.rmtree(folder.path, ignore_errors=True)
    state.put(folder.path)
    found = []
    if not state.kept and not folder.plan.is_file():
        return []
    with contextlib.suppress(FileNotFoundError):
        if state.kept:
            found += [f"as it is found, {fault}" for fault in _kept_faults(load(folder), state)]
    manifest = finish(folder)
    found += [f"finished, {fault}" for fault in _kept_faults(load(folder), state)]
    if finish(folder) != manifest:
        found.append("finished twice, it is another")
    if folder.journal.exists() or closed_segments(folder):
        found.append("a journal is left")
    if drafts := [path.name for path in folder.path.iterdir() if path.name.endswith(".part")]:
        found.append(f"drafts are left: {drafts}")
    return [f"{state.kind} before {state.number} {state.before}: {fault}" for fault in found]


def _kept_faults(loaded: Loaded, state: State) -> list[str]:
    tables = {name: table.collect() for name, table in loaded.tables.items()}
    steps = tables["steps"]["samples"].to_list()
    said = {
        "steps": steps[::STEPS] and [1 + number // STEPS for number in steps[::STEPS]],
        "lines": [int(text) for text in tables["logs"].filter(run=1)["text"]],
        "readings": [round(value) for value in tables["gauges"]["cpu_percent"]],
        "scores": [round(score.value) for record in loaded.manifest.runs for score in record.scores],
    }
    recovery = loaded.manifest.recovery
    named = recovery is not None and bool(recovery.places or recovery.lost_bytes)
    found = []
    if steps != [number for item in said["steps"] for number in range(1 + (item - 1) * STEPS, 1 + item * STEPS)]:
        found.append("steps of one frame are not together")
    for what, items in said.items():
        if len(set(items)) < len(items):
            found.append(f"{what} are there twice: {items}")
        if missing := set(range(1, state.kept + 1)) - set(items):
            found.append(f"{what} are missing: {sorted(missing)} of {state.kept}")
        if (missing := set(range(1, max(items, default=0))) - set(items)) and not named:
            found.append(f"{what} are missing and no damage is named: {sorted(missing)}")
    if recovery is not None and recovery.places and not state.cut:
        found.append(f"damage is spoken of: {recovery.reason}")
    return found
