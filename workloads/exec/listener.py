"""The life of a listener: it speaks to the conductor as a worker does, and the work is a command of the user's.

Frames go to stdout and commands come on stdin. The command runs under a guard (see `guard`) in the folder and with the
environment of whoever called, but for two variables that let its Python processes be heard. The listener ends when
the command and all that it started are gone, and takes them with it when it is ended itself.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import socket
import time
from pathlib import Path
from typing import Final

from workloads.exec.ends import failure_of_command, failure_of_start, status_of_start
from workloads.exec.facts import log_of
from workloads.exec.family import kill_all
from workloads.exec.guard import PASSED, Job, fork_guard
from workloads.exec.hearing import Hearing, address
from workloads.exec.naming import WORKLOAD, command_line
from workloads.exec.open_line import OpenLine, is_same_place
from workloads.exec.orders import Orders
from workloads.exec.output import Output
from workloads.exec.sender import Sender
from workloads.exec.stopping import Stopping
from workloads.exec.telling import Telling
from workloads.hook.messages import VARIABLE
from workloads.oom_kills import oom_kills, oom_kills_since
from workloads.wire.commands import PassSignal, SetKnob, Start, Stop, TakeProfile, Try
from workloads.wire.frames import Done, Failure, Level, Outcome, Overhead, RunStarted

TICK_S: Final = 0.1
"""Between two looks at the clock."""
LAST_WORDS_S: Final = 2.0
"""For what is left in the streams of a command that is gone."""
SITE: Final = Path(__file__).parents[1] / "hook" / "site"
"""What the command's Python processes import first."""


class Listener:
    """One command, from its start to its end."""

    def __init__(self, start: Start, command: tuple[str, ...], sender: Sender, orders: Orders, folder: str) -> None:
        self._start = start
        self._command = command
        self._sender = sender
        self._orders = orders
        self._folder = folder
        self._began_ns = time.monotonic_ns()
        self._began_cpu_s = time.process_time()
        self._stopping = Stopping(self._order)
        self._stopped_by: str = ""
        """Why benchtop itself ended it; empty where it did not, or the user did."""
        self._failure: Failure | None = None
        self._status: int | None = None
        self._gone = False
        self._said = b""
        self._ended_ns = self._began_ns
        self._hurried = False
        """Whether it is to be over soon: something wished it, if only once the command was gone."""
        self._kills = oom_kills()
        self._telling = Telling(self._run_started(), sender.put, start.folder)

    def listen(self) -> Outcome:
        """Start the command and stay with it → how it went."""
        self._selector = selectors.DefaultSelector()
        hearing = Hearing(self._address, self._selector, self._telling.take, self._telling.lost)
        outputs, streams = self._outputs()
        job = Job(self._command, self._start.working_folder, self._environment(), streams, self._folder)
        self._leash = fork_guard(job)
        for stream in streams:
            os.close(stream)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a line each; the command keeps its own limit
        self._sender.start()
        for output in outputs:
            output.start()
        self._sender.put(self._run_started())
        self._say(f"running {command_line(self._command)}")
        self._serve()
        hearing.drain()
        self._telling.end(self._ended_ns)
        self._drain(outputs)
        return self._end(outputs[1].last_words)

    def _outputs(self) -> tuple[tuple[Output, Output], tuple[int, int, int]]:
        """What reads the command's streams, and the command's ends of them."""
        given = self._start.streams
        for stream in given:
            os.set_inheritable(stream, False)
        stdin = given[0] if given else os.open(os.devnull, os.O_RDONLY)
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        to_out, to_err = given[1:3] if given else (None, None)
        line = OpenLine(given[3]) if given[3:] else None  # where lines about the session go: to stderr
        beside = line if to_out is not None and to_err is not None and is_same_place(to_out, to_err) else None
        put = self._sender.put
        return (
            (Output("stdout", out, to_out, put, beside), Output("stderr", err, to_err, put, line)),
            (stdin, out_end, err_end),
        )

    def _environment(self) -> dict[str, str]:
        """The user's own, with our hook before everything else that Python finds."""
        found = (str(SITE), os.environ.get("PYTHONPATH", ""))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found)), VARIABLE: self._address}

    @property
    def _address(self) -> str:
        return address(self._folder)

    def _serve(self) -> None:
        """Until everything is gone."""
        wakes, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: self._stop(terminate=True))
        self._selector.register(self._orders.descriptor, selectors.EVENT_READ, self._obey)
        self._selector.register(self._leash, selectors.EVENT_READ, self._hear_guard)
        self._selector.register(wakes, selectors.EVENT_READ, lambda: os.read(wakes, 4096))
        while not self._gone:
            for key, _ in self._selector.select(TICK_S):
                key.data()
            self._tick()

    def _drain(self, outputs: tuple[Output, ...]) -> None:
        """All is gone but what it wrote: that is passed on, however slow whoever reads it is, until Stop comes."""
        self._selector.unregister(self._leash)
        patience_s = None if self._start.streams else LAST_WORDS_S
        since_s = time.monotonic()
        while any(output.alive for output in outputs):
            for key, _ in self._selector.select(TICK_S):
                key.data()
            if patience_s is None and self._hurried:
                patience_s, since_s = LAST_WORDS_S, time.monotonic()
            if patience_s is not None and time.monotonic() - since_s > patience_s:
                return

    def _tick(self) -> None:
        now_s = (time.monotonic_ns() - self._began_ns) / 1e9
        if self._start.duration_s is not None and now_s >= self._start.duration_s:
            self._stop(f"stopped after {self._start.duration_s:g} s, as was asked for")
        if self._start.steps is not None and self._telling.measured >= self._start.steps:
            self._stop(f"stopped after {self._telling.measured:,} measured steps or requests, as was asked for")
        self._stopping.tick(time.monotonic())

    def _stop(self, because: str = "", *, terminate: bool = False) -> None:
        """Ask the command to end; without a reason it is the user's wish."""
        self._hurried = True
        if not self._stopping.begun and self._status is None:
            self._stopped_by = because
            if because:
                self._say(because)
            self._stopping.begin(time.monotonic(), terminate=terminate)

    def _order(self, byte: bytes) -> None:
        if self._stopping.firmly:
            self._say("the command did not end when it was asked to; it is being ended", "warning")
        self._send(byte)

    def _send(self, byte: bytes) -> None:
        with contextlib.suppress(OSError):  # the guard is gone: its end is being read
            self._leash.send(byte)

    def _obey(self) -> None:
        for command in self._orders.read():
            match command:
                case Stop(terminate=terminate):
                    self._stop(terminate=terminate)
                case Try(experiment=name, blocks=blocks, steps=steps):
                    self._pass_on({"kind": "try", "experiment": name, "blocks": blocks, "steps": steps})
                case TakeProfile(steps=steps, largest_bytes=largest):
                    folder = self._start.folder
                    asked = {"kind": "profile", "steps": steps, "largest_bytes": largest, "folder": folder}
                    self._pass_on(asked, first_only=True)
                case PassSignal(number=number) if number in PASSED:
                    self._send(PASSED[signal.Signals(number)])
                case SetKnob(name=name):
                    self._say(f"{name} cannot be changed: a program of your own sets it itself", "warning")

    def _pass_on(self, header: dict[str, object], *, first_only: bool = False) -> None:
        """To the hooks."""
        if not self._telling.send(header, first_only=first_only):
            self._say("no process of the command trains or infers now: nobody can be asked", "warning")

    def _hear_guard(self) -> None:
        """What the guard says; the end of its leash is the end of everything below."""
        try:
            data = self._leash.recv(4096)
        except OSError:
            data = b""
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            word, _, number = line.decode().partition(" ")
            if word == "ended":
                self._status, self._ended_ns = int(number), time.monotonic_ns()
            elif word == "failed":
                now, error = time.monotonic_ns(), int(number)
                self._failure = failure_of_start(self._command, error, self._start.working_folder, now)
                self._status = status_of_start(error)
        if not data:
            self._gone = True
            if self._status is None:
                self._status, self._ended_ns = -signal.SIGKILL, time.monotonic_ns()
            kill_all()

    def _end(self, last_words: tuple[str, ...]) -> Outcome:
        """Say how it ended."""
        now, status = time.monotonic_ns(), self._status
        if self._failure is None and status and not self._stopping.begun:
            starved = oom_kills_since(self._kills)
            self._failure = failure_of_command(self._command, status, last_words, now, out_of_memory=starved)
        interrupted = self._stopping.begun and not self._stopped_by
        outcome: Outcome = "failed" if self._failure else "interrupted" if interrupted else "done"
        if self._failure is not None:
            self._sender.put(self._failure)
        self._sender.put(
            Overhead(
                at_ns=now,
                role="worker",
                pid=os.getpid(),
                host=socket.gethostname(),
                cpu_s=time.process_time() - self._began_cpu_s,
                wall_s=(now - self._began_ns) / 1e9,
                rows=self._sender.rows,
            )
        )
        status = 0 if self._stopped_by else status
        self._sender.put(
            Done(at_ns=now, outcome=outcome, dropped=self._sender.dropped + self._telling.dropped, exit_status=status)
        )
        self._sender.close()
        return outcome

    def _run_started(self) -> RunStarted:
        """What is known before anything was heard: the command."""
        return RunStarted(
            at_ns=self._began_ns,
            workload=WORKLOAD,
            parameters={"command": command_line(self._command)},
            repeat=self._start.repeat,
            seed=self._start.seed,
            device="",
            device_name="",
            precision="",
            unit="step",
        )

    def _say(self, text: str, level: Level = "info") -> None:
        self._sender.put(log_of(time.monotonic_ns(), text, level))
