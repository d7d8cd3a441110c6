"""The lines between a conductor and the ranks of a run: their frames go up merged, its commands go down to each.

Every rank has a connection to a Unix socket in a folder that nobody else can enter. Frames are passed on whole
and as they came; how each rank ends is kept back for the verdict. Ranks never outlive the relay: the end of its
stdin ends it, and the end of a line ends a rank. So a rank that waits for one that died is ended by its line.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import deque
from typing import Final

import msgspec

from workloads.aligning import Aligning
from workloads.orders import ORPHANED
from workloads.recorder import Write
from workloads.verdict import Verdict
from workloads.wire.commands import Ping, SetClock, Start
from workloads.wire.frames import Done, Failure, Hello, Log
from workloads.wire.framing import DamagedStream, FrameReader, Splitter, decode_command, frame_bytes, payload_bytes

GRACE_S: Final = 0.5
"""Between the first failure and the end of the other ranks: one that was killed may be missed by another first."""
KILL_S: Final = 2.0
"""A rank that does not notice the end of its line is killed after this long."""
GONE_S: Final = 5.0
"""How long lines are read on once all ranks are gone, should a process of theirs still hold them."""

_TICK_S: Final = 0.1
_CHUNK: Final = 1 << 16
_WORDS: Final = 40
"""Lines that are kept of what the launcher and dying ranks print, for the failure's detail."""
_CHATTER: Final = ("[Gloo] Rank ", "NCCL version ", "[rank", "[W", "[E")
"""How lines begin that torch's process groups print by themselves, about themselves."""


class _Line:
    """One rank."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.reader = FrameReader()
        self.rank: int | None = None
        self.pid: int | None = None


class Relay:
    """All ranks of this host, on one pair of streams."""

    def __init__(
        self, write: Write, verdict: Verdict, greeting: str, *, first_rank: int = 0, aligning: Aligning | None = None
    ) -> None:
        self._write = write
        self._aligning = aligning
        self._verdict = verdict
        self._greeting = greeting
        self._first_rank = first_rank
        self._lock = threading.RLock()
        self._folder = tempfile.mkdtemp(prefix="benchtop-")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.address)
        self._listener.listen(1024)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._lines: list[_Line] = []
        self._said: list[bytes] = []
        self._clock_set = b""
        """The newest; whoever comes later needs no older one."""
        self._failing_since: float | None = None
        self._closing = False
        self._over = False
        self._all_gone = threading.Event()
        self._run = 0
        self.last_words: deque[str] = deque(maxlen=_WORDS)
        """What the launcher, and ranks that were about to die, printed last."""

    @property
    def address(self) -> str:
        """The socket's path."""
        return os.path.join(self._folder, "ranks")  # noqa: PTH118 - a path for the environment

    def now(self) -> int:
        """The conductor's clock, nanoseconds; ranks convert what they say themselves."""
        now_ns = time.monotonic_ns()
        return now_ns if self._aligning is None else self._aligning.clock.time(now_ns)

    def open(self, ranks: int, orders: int) -> None:
        """Begin to listen to so many ranks, and to the commands on that file descriptor."""
        threading.Thread(target=self._serve, args=(ranks,), name="ranks", daemon=True).start()
        threading.Thread(target=self._obey, args=(orders,), name="orders", daemon=True).start()

    def keep(self, log: Log) -> None:
        """A line that the launcher printed: it is about itself, and only matters when the run fails."""
        self.last_words.append(log.text)

    def tell(self, frame: Log | Failure | Done) -> None:
        """Say something of the relay's own about the run."""
        with self._lock:
            self._write(frame_bytes(msgspec.structs.replace(frame, run=self._run, rank=self._first_rank)))

    def close(self) -> None:
        """All ranks are gone: take what they said last."""
        self._over = True
        self._all_gone.wait(GONE_S)
        self.remove()

    def remove(self) -> None:
        """Take the socket away; those who have a line keep it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _obey(self, orders: int) -> None:
        splitter = Splitter()
        with contextlib.suppress(DamagedStream, ValueError):
            while data := os.read(orders, _CHUNK):
                read_ns = time.monotonic_ns()
                for payload in splitter.feed(data):
                    self._pass_down(payload, read_ns)
        self.remove()
        os._exit(ORPHANED)

    def _pass_down(self, payload: bytes, read_ns: int) -> None:
        command = decode_command(payload)
        if self._aligning is not None:
            self._aligning.obey(command, read_ns)
        if isinstance(command, Ping):
            return  # answered for all ranks: they are on this host, whose clock is the same
        with self._lock:
            if isinstance(command, Start):
                self._run = command.run
                self.tell(Log(at_ns=self.now(), text=self._greeting, origin="ranks"))
            data = payload_bytes(payload)
            if isinstance(command, SetClock):
                self._clock_set = data
            else:
                self._said.append(data)
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.connection.sendall(data)

    def _serve(self, ranks: int) -> None:
        """Until all ranks have come and gone; no more come once the launcher is done."""
        ended = 0
        while ended < ranks and not (self._over and ended == len(self._lines)):
            for key, _ in self._selector.select(_TICK_S):
                if key.data is None:
                    self._accept(ranks)
                elif not self._take(key.data):
                    ended += 1
            self._end_the_others()
        self._all_gone.set()

    def _accept(self, ranks: int) -> None:
        line = _Line(self._listener.accept()[0])
        with self._lock:
            self._lines.append(line)
            with contextlib.suppress(OSError):  # one that is gone already: the end of its line will say so
                line.connection.sendall(b"".join((self._clock_set, *self._said)))
        self._selector.register(line.connection, selectors.EVENT_READ, line)
        if len(self._lines) == ranks:
            self._selector.unregister(self._listener)
            self.remove()

    def _take(self, line: _Line) -> bool:
        """What a rank sent; False when its line has ended."""
        try:
            data = line.connection.recv(_CHUNK)
        except OSError:
            data = b""
        for payload in line.reader.splitter.feed(data):
            self._pass_up(line, payload)
        if data:
            return True
        self._selector.unregister(line.connection)
        line.connection.close()
        if not self._closing:
            self._verdict.lose(line.rank)
        line.pid = None
        return False

    def _pass_up(self, line: _Line, payload: bytes) -> None:
        frame = line.reader.decode(payload)
        match frame:
            case Hello():
                line.rank, line.pid = frame.rank, frame.pid
            case Done() | Failure():
                self._verdict.take(frame.rank, frame)
                return
            case Log(origin="stdout" | "stderr") if self._failing_since or frame.text.startswith(_CHATTER):
                self.last_words.append(frame.text)
                return
        with self._lock:
            self._write(payload_bytes(payload))

    def _end_the_others(self) -> None:
        """Once a rank has failed the others wait for it in vain: end their lines, and then those who do not notice."""
        if not self._verdict.failing:
            return
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        passed = now - self._failing_since
        if passed >= GRACE_S and not self._closing:
            self._closing = True
            with self._lock:
                for line in self._lines:
                    with contextlib.suppress(OSError):
                        line.connection.shutdown(socket.SHUT_WR)
        if passed >= GRACE_S + KILL_S:
            for line in self._lines:
                if line.pid is not None:  # its line is open, so it lives, and the number is its own
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(line.pid, signal.SIGKILL)
