"""One small real session, one of whose processes is killed at a random moment, and what must hold afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from app.analysis.load import load
from app.analysis.show import show
from app.recovery import is_interrupted, recover
from app.session.sources.control import ConductorGone, ask
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalReader
from app.session.store.lock import has_just_begun, is_locked
from app.session.store.written import open_written
from tests.conductor.harness import is_alive, plan_of
from tests.conductor.worker import STEPS_A_FRAME
from workloads.children import children_of
from workloads.wire.columns import unpack_integers
from workloads.wire.commands import Stop
from workloads.wire.frames import Steps

VICTIMS: Final = ("conductor", "worker", "sampler", "roller", "finisher", "viewer")
FIRST: Final = STEPS_A_FRAME + 1
"""The number of the first step that has one."""
SEGMENT_BYTES: Final = 40_000
LONGEST_S: Final = 1.5
"""From the start to the moment; a session has rolled by then."""
PATIENCE_S: Final = 60.0

CONDUCT: Final = (
    "import sys; from app.conductor import record\n"
    f"record.segment_bytes_of = lambda _: {SEGMENT_BYTES}\n"
    "from app.conductor.__main__ import main; sys.exit(main())"
)
VIEW: Final = (
    "import sys, time; from pathlib import Path\n"
    "from app.session.store.folder import SessionFolder; from app.session.sources.watch import Watch\n"
    "watch = Watch.follow(SessionFolder(Path(sys.argv[1])))\n"
    "while True: watch.look(time.monotonic_ns()); time.sleep(0.02)\n"
)
MODULES: Final = {
    "worker": b"worker.py",
    "sampler": b"sampler.py",
    "roller": b"app.analysis.finishing.roll",
    "finisher": b"app.analysis.finishing.finish",
}


class Trial:
    """One session and one kill."""

    def __init__(self, home: Path, victim: str, chance: random.Random) -> None:
        self._victim, self._chance = victim, chance
        self._folder = create_session(home, plan_of("counts", name=victim))
        self._seen = 0
        """Steps that a reader has seen: they are acknowledged."""
        self._children: dict[int, bytes] = {}
        self._viewer: subprocess.Popen[bytes] | None = None
        self.hit = False
        """Whether the victim was there to be killed."""

    def run(self) -> list[str]:
        """What does not hold, in a line each."""
        command = [sys.executable, "-P", "-c", CONDUCT, str(self._folder.path)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as conductor:
            try:
                self._go(conductor)
            finally:
                for pid in (conductor.pid, *self._children):
                    if conductor.poll() is None:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                if self._viewer is not None:
                    self._viewer.kill()
                    self._viewer.wait()
        return self._faults()

    def _go(self, conductor: subprocess.Popen[bytes]) -> None:
        if self._victim == "viewer":
            self._viewer = subprocess.Popen(
                [sys.executable, "-P", "-c", VIEW, str(self._folder.path)], stderr=subprocess.DEVNULL
            )
        self._look_for(self._chance.uniform(0.0, LONGEST_S), conductor)
        if self._victim == "finisher":
            self._stop(conductor)
        self._kill(conductor)
        if self._victim not in ("conductor", "finisher"):
            self._look_for(self._chance.uniform(0.0, 0.3), conductor)
        if self._victim != "conductor":
            self._stop(conductor)
        with contextlib.suppress(subprocess.TimeoutExpired):
            conductor.wait(PATIENCE_S)

    def _kill(self, conductor: subprocess.Popen[bytes]) -> None:
        if self._victim == "conductor":
            victim: int | None = conductor.pid
        elif self._victim == "viewer":
            victim = self._viewer.pid if self._viewer is not None else None
        else:
            victim = self._awaited(conductor)
            if victim is not None and self._victim in ("roller", "finisher"):
                self._wait_at_work(victim)
        if victim is not None and is_alive(victim):
            self._read()
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.hit = True

    def _wait_at_work(self, victim: int) -> None:
        """Most of its life it only comes up: so mostly wait until it writes, and then for a moment."""
        if self._chance.random() < 0.8:
            while is_alive(victim) and not any(path.name.endswith(".part") for path in self._folder.path.iterdir()):
                select.select((), (), (), 0.001)
            select.select((), (), (), self._chance.uniform(0.0, 0.15))
        else:
            select.select((), (), (), self._chance.uniform(0.0, 0.4))

    def _awaited(self, conductor: subprocess.Popen[bytes]) -> int | None:
        """The victim, once it is there; None: the session ended without it."""
        deadline = time.monotonic() + PATIENCE_S
        while conductor.poll() is None and time.monotonic() < deadline:
            self._note(conductor.pid)
            for pid, line in self._children.items():
                if MODULES[self._victim] in line and is_alive(pid):
                    return pid
            select.select((), (), (), 0.002)
        return None

    def _look_for(self, seconds: float, conductor: subprocess.Popen[bytes]) -> None:
        """Read as a viewer does, for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and conductor.poll() is None:
            self._note(conductor.pid)
            self._read()
            select.select((), (), (), 0.02)

    def _read(self) -> None:
        with contextlib.suppress(OSError), open_written(self._folder) as written:
            for segment in written.segments[-2:]:
                for frame in JournalReader(segment.source):
                    numbers = unpack_integers(frame.samples) if isinstance(frame, Steps) else None
                    if numbers and numbers[0] != numbers[-1]:
                        self._seen = max(self._seen, numbers[-1])

    def _note(self, conductor: int) -> None:
        """Which processes it has started."""
        for pid in children_of(conductor):
            with contextlib.suppress(OSError):
                self._children[pid] = Path(f"/proc/{pid}/cmdline").read_bytes()

    def _stop(self, conductor: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while conductor.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(ConductorGone, OSError):
                ask(self._folder, Stop())
                return
            self._note(conductor.pid)
            select.select((), (), (), 0.02)

    def _faults(self) -> list[str]:
        folder, deadline = self._folder, time.monotonic() + PATIENCE_S
        left = [pid for pid in self._children if is_alive(pid)]
        while left and time.monotonic() < deadline:
            select.select((), (), (), 0.02)
            left = [pid for pid in left if is_alive(pid)]
        found = [f"process {pid} lives on: {self._children[pid]!r}" for pid in left]
        if is_locked(folder):
            found.append("the lock is held by nobody that is known")
        if is_interrupted(folder):
            recover(folder)
        elif self._victim == "conductor" and self.hit and not folder.manifest.is_file() and not has_just_begun(folder):
            found.append("it is neither finished nor interrupted")
        return found + kept_faults(folder, self._seen)


def kept_faults(folder: SessionFolder, seen: int) -> list[str]:
    """Whether all that a reader had seen is there, once, nothing is dropped, and no damage is spoken of."""
    loaded = load(folder)
    numbers = loaded.tables["steps"].filter(wall_ns=1).collect()["samples"].sort().to_list()
    found = []
    if numbers != list(range(FIRST, FIRST + len(numbers))):
        found.append(f"of {len(numbers)} steps {len(numbers) - len(set(numbers))} are there twice, or some are missing")
    if max(numbers, default=0) < seen:
        found.append(f"{seen} was seen, {max(numbers, default=0)} is the last that is there")
    recovery = loaded.manifest.recovery
    if recovery is not None and recovery.places:
        found.append(f"damage is spoken of: {recovery.reason}")
    if not show(folder, as_json=False, width=100):
        found.append("it cannot be shown")
    if any(path.name.endswith(".part") for path in folder.path.iterdir()):
        found.append("a draft was left behind")
    return found
