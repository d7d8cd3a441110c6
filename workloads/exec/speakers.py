"""Who is heard, and as which rank.

A process opens a line when it first trains or infers, so launchers (torchrun's agent, accelerate, a shell) and loading
processes have none. Its rank is the one that its launcher gave it on this host (LOCAL_RANK, else RANK), and without
any the lowest that is free: a command that trains in several processes at once is one run of several ranks, one that
trains in several after each other is one run of one. A process whose rank another one that still lives has, such as an
evaluation that inherited its parent's RANK, is beside the run: it is not counted twice.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from workloads.exec.hearing import Line
from workloads.exec.naming import short_command
from workloads.exec.said import SaidHello, SaidWork
from workloads.wire.frames import PhaseName


class Speaker(msgspec.Struct):
    """One process, as far as it is known."""

    hello: SaidHello
    rank: int | None = None
    """None: it has said nothing that counts, or its rank is another's."""
    beside: bool = False
    """Its rank is another's: it is not counted."""
    phase: PhaseName | None = None
    work: SaidWork | None = None
    """What one of its steps was, once that is counted."""
    last_ns: int = 0
    """When its last row ended. A phase that begins at that instant begins right behind it."""

    @property
    def name(self) -> str:
        """Its command, shortened."""
        return short_command(self.hello.argv or ["python"])

    @property
    def environment(self) -> dict[str, str]:
        """What it was started with; nothing where that cannot be read."""
        try:
            words = Path(f"/proc/{self.hello.pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return {}
        pairs = (os.fsdecode(word).partition("=") for word in words)
        return {name: value for name, _, value in pairs}


class Speakers:
    """All processes of one command."""

    def __init__(self) -> None:
        self._speakers: dict[Line, Speaker] = {}
        self._ranks: dict[int, Line] = {}
        self.most = 1
        """Ranks at a time, at most."""

    def meet(self, line: Line, hello: SaidHello) -> None:
        """It says who it is, or more of it."""
        speaker = self._speakers.get(line)
        if speaker is None:
            self._speakers[line] = Speaker(hello=hello)
        else:
            speaker.hello = hello

    def of(self, line: Line) -> Speaker | None:
        """Who speaks there; None until it has said so."""
        return self._speakers.get(line)

    def admit(self, line: Line, speaker: Speaker) -> bool:
        """Make it a rank of the run, or leave it beside → which of the two."""
        hello = speaker.hello
        asked = hello.local_rank if hello.local_rank is not None else hello.rank
        free = next(number for number in range(len(self._ranks) + 1) if number not in self._ranks)
        rank = free if asked is None else asked
        if rank in self._ranks:
            speaker.beside = True
            return False
        speaker.rank = rank
        self._ranks[rank] = line
        self.most = max(self.most, len(self._ranks))
        return True

    def lose(self, line: Line) -> Speaker | None:
        """It is gone, and its rank is free → who it was."""
        speaker = self._speakers.pop(line, None)
        if speaker is not None and speaker.rank is not None:
            del self._ranks[speaker.rank]
        return speaker

    def is_first(self, speaker: Speaker) -> bool:
        """Whether no living rank has a lower number."""
        return speaker.rank == min(self._ranks, default=None)

    @property
    def lines(self) -> list[Line]:
        """Of the ranks, in order."""
        return [line for _, line in sorted(self._ranks.items())]
