"""What hooks say → the frames of one run.

Who is heard, and as whom: a process opens a line when it first trains or infers, so launchers (torchrun's agent,
accelerate, a shell) and loading processes have none. Its rank is the one that its launcher gave it on this host
(LOCAL_RANK, else RANK), and without any the lowest that is free: a command that trains in several processes at once is
one run of several ranks, one that trains in several after each other is one run of one. A process whose rank another
one that still lives has, such as an evaluation that inherited its parent's RANK, is not counted twice: it is told of
in the log, and left out. A run is of steps or of requests, whichever comes first; the other kind is left out.
"""

from __future__ import annotations

import os
import socket
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec

from workloads.exec.columns import Columns, columns_of, packed
from workloads.exec.hearing import Line
from workloads.exec.naming import short_command
from workloads.exec.said import (
    LONGEST_TEXT,
    AnySaid,
    SaidDone,
    SaidEffect,
    SaidEvent,
    SaidGauges,
    SaidHello,
    SaidLog,
    SaidPhase,
    SaidProfile,
    SaidRequests,
    SaidRows,
    SaidSteps,
    said,
)
from workloads.fingerprint import without_torch
from workloads.printed import readable
from workloads.speed_variables import speed_variables
from workloads.wire.frames import (
    AnyFrame,
    Event,
    Fingerprint,
    Gauges,
    Hello,
    Level,
    Log,
    Operator,
    Phase,
    PhaseName,
    Profile,
    Requests,
    RunStarted,
    Steps,
    Unit,
)
from workloads.witness.gpu_name import gpu_name

MOST_HELLOS: Final = 256
"""Processes whose interpreter is told; a sweep may have thousands, all the same."""
MOST_NOTES: Final = 100
"""Lines about processes, for the same reason."""
BURST: Final = 5_000.0
"""Messages without rows that pass at once."""
A_SECOND: Final = 500.0
"""And for as long as it lasts. A hook sends a few."""


class Speaker(msgspec.Struct):
    """One process, as far as it is known."""

    hello: SaidHello
    rank: int | None = None
    """None: it has said nothing that counts, or its rank is another's."""
    phase: PhaseName | None = None
    beside: bool = False
    """Its rank is another's: it is not counted."""
    environment: dict[str, str] | None = None
    last_ns: int = 0
    """When its last row ended. A phase that begins at that instant begins right behind it."""


class Telling:
    """One run."""

    def __init__(self, started: RunStarted, put: Callable[[AnyFrame], None], folder: str) -> None:
        """`started` is what is known before anybody spoke; `folder` is the session's."""
        self._started = started
        self._put = put
        self._folder = Path(folder)
        self._speakers: dict[Line, Speaker] = {}
        self._ranks: dict[int, Line] = {}
        self._told: RunStarted | None = None
        self._kind: Literal["steps", "requests"] | None = None
        self._ones = False
        """Whether a step counts as one unit, for the hook does not know its samples."""
        self._most_ranks = 1
        self._hellos = 0
        self._notes = 0
        self._credit = BURST
        self._credited_ns = time.monotonic_ns()
        self._misread = 0
        self._left_out = 0
        self._phase: PhaseName | None = None
        """Of the run: that of rank 0."""
        self._last_ns = 0
        """When the last row of rank 0 ended."""
        self.measured = 0
        """Rows of rank 0 in measure phases so far."""
        self.dropped = 0
        """Rows that a hook had no room for."""

    @property
    def heard(self) -> bool:
        """Whether anybody trained or inferred."""
        return self._told is not None

    def take(self, line: Line, header: bytes, body: bytes) -> None:
        """One message."""
        message = said(header)
        if message is None:
            self._misread += 1
            return
        if isinstance(message, SaidHello):
            self._meet(line, message)
            return
        speaker = self._speakers.get(line)
        if speaker is None:
            self._misread += 1
            return
        if not isinstance(message, SaidRows) and not self._passes():
            self._left_out += 1
            return
        try:
            self._tell(line, speaker, message, body)
        except ValueError:
            self._misread += 1

    def lost(self, line: Line, why: str) -> None:
        """A line has ended: its rank is free."""
        speaker = self._speakers.pop(line, None)
        if why:
            who = f"process {speaker.hello.pid}" if speaker else "a process"
            self._note(f"{who} is not listened to any more: {why}", "warning")
        if speaker is None or speaker.rank is None:
            return
        del self._ranks[speaker.rank]
        if speaker.rank == 0:
            self._rest()

    def end(self, ended_ns: int) -> None:
        """The command is gone. A run that nobody spoke in was measured all the time, as far as its devices were."""
        if self._told is None:
            self._put(Phase(at_ns=self._started.at_ns, phase="measure"))
            self._put(Phase(at_ns=max(self._started.at_ns, ended_ns) + 1, phase="cooldown"))
        for count, text in (
            (self._misread, "messages of its processes could not be read and were left out"),
            (self._left_out, "steps, requests or events were left out: of processes beside the run's own, or too many"),
        ):
            if count:
                self._note(f"{count:,} {text}", "warning")

    def send(self, header: dict[str, object], *, first_only: bool = False) -> bool:
        """Tell all ranks something, or the first alone → whether anybody could be told."""
        lines = [line for _, line in sorted(self._ranks.items())]
        return sum(line.send(header) for line in (lines[:1] if first_only else lines)) > 0

    def _meet(self, line: Line, hello: SaidHello) -> None:
        speaker = self._speakers.get(line)
        if speaker is not None:
            speaker.hello = hello
            return
        self._speakers[line] = Speaker(hello=hello)

    def _tell(self, line: Line, speaker: Speaker, message: AnySaid, body: bytes) -> None:
        match message:
            case SaidSteps() | SaidRequests():
                self._rows(line, speaker, message, body)
            case SaidPhase():
                speaker.phase = message.phase
                if self._is_counted(line, speaker):
                    self._enter(speaker, message)
            case SaidEvent() if not speaker.beside:
                self._put(
                    Event(
                        rank=speaker.rank or 0,
                        at_ns=message.at_ns,
                        kind=message.event,
                        wall_ns=message.wall_ns,
                        text=_text(message.text),
                    )
                )
            case SaidGauges() if not speaker.beside:
                self._gauges(speaker, message)
            case SaidEffect() if message.reason:
                self._put(_log(message.at_ns, f"{message.experiment} cannot be tried: {message.reason}", "warning"))
            case SaidProfile():
                self._put(self._profile(speaker, message))
            case SaidLog():
                level: Level = "warning" if message.failed else message.level
                self._put(_log(message.at_ns, message.text, level))
            case SaidDone():
                self.dropped += message.dropped

    def _passes(self) -> bool:
        """Whether there is room for one more message that is no rows."""
        now_ns = time.monotonic_ns()
        self._credit = min(BURST, self._credit + (now_ns - self._credited_ns) * 1e-9 * A_SECOND)
        self._credited_ns = now_ns
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def _is_counted(self, line: Line, speaker: Speaker) -> bool:
        """Whether it is a rank of the run; it becomes one if it can."""
        if speaker.rank is not None or speaker.beside:
            return not speaker.beside
        hello = speaker.hello
        asked = hello.local_rank if hello.local_rank is not None else hello.rank
        rank = next(number for number in range(len(self._ranks) + 1) if number not in self._ranks)
        rank = rank if asked is None else asked
        if rank in self._ranks:
            speaker.beside = True
            self._note(f"process {hello.pid} (`{self._name(hello)}`) bears a rank that another has: it is not counted")
            return False
        self._note(f"listening to process {hello.pid}: `{self._name(hello)}`")
        speaker.rank = rank
        self._ranks[rank] = line
        self._most_ranks = max(self._most_ranks, rank + 1)
        if self._hellos < MOST_HELLOS:
            self._hellos += 1
            self._put(_hello(rank, hello, self._environment(speaker)))
        return True

    @staticmethod
    def _name(hello: SaidHello) -> str:
        return short_command(hello.argv or ["python"])

    def _enter(self, speaker: Speaker, message: SaidPhase) -> None:
        """A phase of one rank begins, and if it is the first, of the run."""
        assert speaker.rank is not None
        if self._told is None:
            self._start(speaker)
        if speaker.rank == 0:
            self._phase = message.phase
        self._put(
            Phase(
                rank=speaker.rank,
                at_ns=message.at_ns + (message.at_ns == speaker.last_ns),
                phase=message.phase,
                mark=message.mark and _text(message.mark),
                case=message.case and _text(message.case),
            )
        )

    def _rest(self) -> None:
        """Rank 0 is gone: what comes now is no measuring, until another takes its place."""
        if self._phase == "measure" and self._last_ns:
            # A phase includes the instant at which it begins; the last row still belongs to the one before.
            self._put(Phase(at_ns=self._last_ns + 1, phase="cooldown"))
        self._phase = "cooldown"

    def _rows(self, line: Line, speaker: Speaker, message: SaidSteps | SaidRequests, body: bytes) -> None:
        columns = columns_of(message, body, 0, time.monotonic_ns())
        if not message.count:
            return
        if not self._is_counted(line, speaker):
            self._left_out += message.count
            return
        passes = message.inference and isinstance(message, SaidSteps)
        kind: Literal["steps", "requests"] = "requests" if passes or isinstance(message, SaidRequests) else "steps"
        if self._kind is None:
            self._kind = kind
            self._ones = not columns["samples"][-1]
        if kind != self._kind:
            self._left_out += message.count
            return
        self._start(speaker)
        if self._ones:
            columns["samples"] = array("q", [1]) * message.count
        self._put_rows(speaker, columns, passes=passes)

    def _put_rows(self, speaker: Speaker, columns: Columns, *, passes: bool) -> None:
        rank, fields = speaker.rank or 0, packed(columns)
        if "wall_ns" in columns:
            self._put(Steps(rank=rank, passes=passes, **fields))  # type: ignore[arg-type]
            last = int(columns["start_ns"][-1] + columns["wall_ns"][-1])
        else:
            self._put(Requests(rank=rank, **fields))  # type: ignore[arg-type]
            last = int(columns["done_ns"][-1])
        speaker.last_ns = max(speaker.last_ns, last)
        if rank == 0:
            self._last_ns = max(self._last_ns, last)
            if speaker.phase == "measure" and not passes:
                self.measured += len(columns["samples"])

    def _start(self, speaker: Speaker) -> None:
        """Tell the run's configuration, and again when more of it is known."""
        if self._told is not None and (speaker.rank or 0) != min(self._ranks, default=0):
            if self._told.ranks < self._most_ranks:
                self._tell_started(msgspec.structs.replace(self._told, ranks=self._most_ranks))
            return
        hello = speaker.hello
        unit: Unit = "step" if self._kind is None else self._unit()
        world = hello.world_size if hello.local_rank is None else None
        self._tell_started(
            msgspec.structs.replace(
                self._started,
                device=hello.device or "cpu",
                device_name=_text(hello.device_name or ""),
                precision=hello.precision or "",
                unit=unit,
                ranks=max(self._most_ranks, min(world or 1, 4096)),
            )
        )

    def _unit(self) -> Unit:
        if self._kind == "requests":
            return "request" if self._ones else "sample"
        return "step" if self._ones else "sample"

    def _tell_started(self, started: RunStarted) -> None:
        if started != self._told:
            self._told = started
            self._put(started)

    def _gauges(self, speaker: Speaker, message: SaidGauges) -> None:
        device = message.device
        if device != "worker":
            device = gpu_name(int(device.removeprefix("gpu")), "", self._environment(speaker))
        self._put(
            Gauges(
                rank=speaker.rank or 0, at_ns=message.at_ns, device=device, source="torch", readings=message.readings
            )
        )

    @staticmethod
    def _environment(speaker: Speaker) -> dict[str, str]:
        """Looked up once, while the process lives."""
        if speaker.environment is None:
            speaker.environment = _environment(speaker.hello.pid)
        return speaker.environment

    def _profile(self, speaker: Speaker, message: SaidProfile) -> Profile:
        """A file that is not in the session folder is none of the session's."""
        name = os.path.basename(message.file)  # noqa: PTH119 - a text from elsewhere
        kept = bool(name) and (self._folder / name).is_file()
        return Profile(
            rank=speaker.rank or 0,
            at_ns=message.at_ns,
            steps=message.steps,
            file=name if kept else "",
            size_bytes=message.size_bytes if kept else 0,
            window_ns=message.window_ns,
            device_busy_ns=message.device_busy_ns,
            operators=tuple(
                Operator(name=_text(name), calls=calls, host_ns=host_ns, device_ns=device_ns)
                for name, calls, host_ns, device_ns in message.operators
            ),
            gaps=tuple(message.gaps),
            reason=_text(message.reason),
        )

    def _note(self, text: str, level: Level = "info") -> None:
        if self._notes < MOST_NOTES:
            self._notes += 1
            self._put(_log(time.monotonic_ns(), text, level))


def _log(at_ns: int, text: str, level: Level) -> Log:
    return Log(at_ns=at_ns, text=_text(text), level=level, origin="exec")


def _text(text: str) -> str:
    """A text from elsewhere as one line that cannot disturb a terminal."""
    return readable(" ".join(text[: LONGEST_TEXT * 2].split()).encode(errors="replace"))


def without_interpreter() -> Fingerprint:
    """Of this host and this benchtop; what the command's interpreters are is for them to say."""
    return msgspec.structs.replace(without_torch(), python=None, torch=None, packages={})


def _hello(rank: int, hello: SaidHello, environment: dict[str, str]) -> Hello:
    return Hello(
        rank=rank,
        role="worker",
        pid=hello.pid,
        host=socket.gethostname(),
        monotonic_ns=time.monotonic_ns(),
        wall_ns=time.time_ns(),
        fingerprint=msgspec.structs.replace(
            without_interpreter(),
            python=hello.python or None,
            torch=hello.torch,
            cuda=hello.cuda,
            torch_threads=hello.threads,
            environment=speed_variables(environment),
        ),
    )


def _environment(pid: int) -> dict[str, str]:
    """What a process was started with; nothing where that cannot be read."""
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (word.decode(errors="replace").partition("=") for word in words)
    return {name: value for name, _, value in pairs}
