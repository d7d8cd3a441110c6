"""What hooks say → the frames of one run. Who is heard as which rank is said in `speakers`.

What cannot be read, and what is of processes beside the run, is left out and counted. A run is of steps or of
requests, whichever comes first; the other kind is left out.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workloads.allowance import Allowance
from workloads.exec.columns import SLACK_NS, Columns, columns_of, packed
from workloads.exec.configuration import Configuration, Kind
from workloads.exec.facts import hello_of, log_of, one_line, profile_of
from workloads.exec.hearing import Line
from workloads.exec.said import (
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
    SaidWork,
    said,
)
from workloads.exec.speakers import Speaker, Speakers
from workloads.wire.frames import AnyFrame, Event, Gauges, Level, Phase, Requests, RunStarted, Steps

MOST_HELLOS: Final = 256
"""Processes whose interpreter is told; a sweep may have thousands, all the same."""
MOST_NOTES: Final = 100
"""Lines about processes, for the same reason."""
BURST: Final = 5_000.0
"""Messages without rows that pass at once."""
A_SECOND: Final = 500.0
"""And for as long as it lasts. A hook sends a few."""


class Telling:
    """One run."""

    def __init__(self, started: RunStarted, put: Callable[[AnyFrame], None], folder: str) -> None:
        """`started` is what is known before anybody spoke; `folder` is the session's."""
        self._put = put
        self._folder = Path(folder)
        self._configuration = Configuration(started)
        self._speakers = Speakers()
        self._allowance = Allowance(BURST, A_SECOND, time.monotonic_ns())
        self._hellos = 0
        self._notes = 0
        self._misread = 0
        self._left_out = 0
        self.measured = 0
        """Rows of rank 0 in measure phases so far."""
        self.dropped = 0
        """Rows that a hook had no room for."""

    def take(self, line: Line, header: bytes, body: bytes) -> None:
        """One message."""
        message = said(header)
        if isinstance(message, SaidHello):
            self._speakers.meet(line, message)
            return
        speaker = self._speakers.of(line)
        if message is None or speaker is None or not self._is_of_this_run(message):
            self._misread += 1
        elif isinstance(message, SaidRows) or self._allowance.take(time.monotonic_ns()):
            try:
                self._tell(line, speaker, message, body)
            except ValueError:
                self._misread += 1
        else:
            self._left_out += 1

    def lost(self, line: Line, why: str) -> None:
        """A line has ended; `why` it was closed, if it was."""
        speaker = self._speakers.lose(line)
        if why:
            who = f"process {speaker.hello.pid}" if speaker else "a process"
            self._note(f"{who} is not listened to any more: {why}", "warning")
        if speaker is not None and speaker.rank == 0:
            self._rest(speaker)

    def end(self, ended_ns: int) -> None:
        """The command is gone. A run that nobody spoke in was measured all the time, as far as its devices were."""
        if self._configuration.told is None:
            began_ns = self._configuration.began_ns
            self._put(Phase(at_ns=began_ns, phase="measure"))
            self._put(Phase(at_ns=max(began_ns, ended_ns) + 1, phase="cooldown"))
        for count, text in (
            (self._misread, "messages of its processes could not be read and were left out"),
            (self._left_out, "steps, requests or events were left out: of processes beside the run's own, or too many"),
        ):
            if count:
                self._note(f"{count:,} {text}", "warning")

    def send(self, header: dict[str, object], *, first_only: bool = False) -> bool:
        """Tell all ranks something, or the first alone → whether anybody could be told."""
        lines = self._speakers.lines
        return sum(line.send(header) for line in (lines[:1] if first_only else lines)) > 0

    def _is_of_this_run(self, message: AnySaid) -> bool:
        at_ns = getattr(message, "at_ns", None)
        return at_ns is None or self._configuration.began_ns <= at_ns <= time.monotonic_ns() + SLACK_NS

    def _tell(self, line: Line, speaker: Speaker, message: AnySaid, body: bytes) -> None:
        rank = speaker.rank or 0
        match message:
            case SaidSteps() | SaidRequests():
                self._rows(line, speaker, message, body)
            case SaidPhase():
                speaker.phase = message.phase
                if self._counts(line, speaker):
                    self._enter(speaker, message)
            case SaidWork():
                speaker.work = message
                if speaker.rank is not None and self._configuration.kind is not None:
                    self._tell_news(speaker)
            case SaidEvent(at_ns=at_ns, event=kind, wall_ns=wall_ns) if not speaker.beside:
                text = one_line(message.text)
                self._put(Event(rank=rank, at_ns=at_ns, kind=kind, wall_ns=wall_ns, text=text))
            case SaidGauges(at_ns=at_ns, device=device, readings=readings) if not speaker.beside:
                self._put(Gauges(rank=rank, at_ns=at_ns, device=device, source="torch", readings=readings))
            case SaidEffect() if message.reason:
                self._put(log_of(message.at_ns, f"{message.experiment} cannot be tried: {message.reason}", "warning"))
            case SaidProfile():
                self._put(profile_of(rank, message, self._folder))
            case SaidLog():
                self._put(log_of(message.at_ns, message.text, "warning" if message.failed else message.level))
            case SaidDone():
                self.dropped += message.dropped

    def _counts(self, line: Line, speaker: Speaker) -> bool:
        """Whether it is a rank of the run; it becomes one if it can."""
        if speaker.rank is not None or speaker.beside:
            return not speaker.beside
        who = f"process {speaker.hello.pid}"
        if not self._speakers.admit(line, speaker):
            self._note(f"{who} (`{speaker.name}`) bears a rank that another has: it is not counted")
            return False
        self._note(f"listening to {who}: `{speaker.name}`")
        if self._hellos < MOST_HELLOS:
            self._hellos += 1
            self._put(hello_of(speaker.rank or 0, speaker.hello, speaker.environment))
        return True

    def _enter(self, speaker: Speaker, message: SaidPhase) -> None:
        """A phase of one rank begins, and if it is the first, of the run."""
        if self._configuration.told is None:
            self._tell_news(speaker)
        self._put(
            Phase(
                rank=speaker.rank or 0,
                at_ns=message.at_ns + (message.at_ns == speaker.last_ns),
                phase=message.phase,
                mark=message.mark and one_line(message.mark),
                case=message.case and one_line(message.case),
            )
        )

    def _rest(self, first: Speaker) -> None:
        """Rank 0 is gone: what comes now is no measuring, until another takes its place."""
        if first.phase == "measure" and first.last_ns:
            # A phase includes the instant at which it begins; the last row still belongs to the one before.
            self._put(Phase(at_ns=first.last_ns + 1, phase="cooldown"))

    def _rows(self, line: Line, speaker: Speaker, message: SaidSteps | SaidRequests, body: bytes) -> None:
        columns = columns_of(message, body, self._configuration.began_ns, time.monotonic_ns())
        if not message.count:
            return
        passes = message.inference and isinstance(message, SaidSteps)
        kind: Kind = "requests" if passes or isinstance(message, SaidRequests) else "steps"
        counts = self._counts(line, speaker)
        if counts:
            self._configuration.settle(kind, int(columns["samples"][-1]))
        if not counts or kind != self._configuration.kind:
            self._left_out += message.count
            return
        self._tell_news(speaker)
        if self._configuration.ones:
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
        if rank == 0 and speaker.phase == "measure" and not passes:
            self.measured += len(columns["samples"])

    def _tell_news(self, speaker: Speaker) -> None:
        first = self._speakers.is_first(speaker)
        news = self._configuration.news(speaker.hello, speaker.work, self._speakers.most, first=first)
        if news is not None:
            self._put(news)

    def _note(self, text: str, level: Level = "info") -> None:
        if self._notes < MOST_NOTES:
            self._notes += 1
            self._put(log_of(time.monotonic_ns(), text, level))
