"""The process that runs one workload and does nothing else: `python -P -m workloads.worker [--align]`.

Commands come on stdin, frames go to stdout; a rank of several has a line to the relay that started it in their
place. The first thing it does is to move stdout away, before anything is imported that may print. It ends when
its conductor is gone, and it never starts a second run. With `--align` its conductor is on another host, and it
speaks only once the two clocks are aligned.
The broad `except` of this room is here: whatever a workload raises becomes a Failure.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Final

from workloads.aligning import Aligning
from workloads.catalog import WorkloadEntry, complete, find_workload
from workloads.failures import as_failure
from workloads.fingerprint import hello, without_torch
from workloads.line import line_to_relay
from workloads.nocuda import NoCuda
from workloads.orders import ORPHANED, Orders, die_with_parent, take_signals
from workloads.paths import at_home
from workloads.recorder import Recorder, Write, writer_of
from workloads.streams import Streams
from workloads.wire.clock import ALIGN, AlignedClock
from workloads.wire.commands import Start
from workloads.wire.frames import Done, Log, Outcome, Value
from workloads.wire.framing import frame_bytes
from workloads.world import forget_ranks

BROKEN: Final = 70
"""Exit status of a worker that is broken itself: EX_SOFTWARE."""


SWITCH_S: Final = 0.0005
"""Seconds for which the sending thread may keep the interpreter from the measured loop; ten times less than usual."""


def main(find: Callable[[str], WorkloadEntry] = find_workload) -> int:
    """The whole life of a worker, of the workloads that `find` knows. Gives its exit status: 1 when the run failed."""
    die_with_parent()
    sys.setswitchinterval(SWITCH_S)
    line = line_to_relay()
    if line is None:
        forget_ranks()
    orders = Orders() if line is None else Orders(line)
    take_signals(orders)
    streams = Streams(line)
    faulthandler.enable(file=streams.errors)
    threading.excepthook = partial(end_with_last_words, streams.errors)
    write = or_end(writer_of(streams.wire))
    clock: AlignedClock | None = None
    if ALIGN in sys.argv[1:]:
        aligning = orders.aligning = Aligning(write, streams.wire)
        write, clock = aligning.write, aligning.clock
    orders.listen()
    if orders.aligning is not None and not orders.aligning.wait():
        return 1
    first = hello(without_torch())
    write(frame_bytes(first if clock is None else clock.frame(first)))
    recorder = Recorder(write, clock=clock)
    streams.read(recorder.log)
    recorder.start()
    worker = Worker(orders, recorder, find)
    outcome = worker.work()
    streams.close()
    if recorder.dropped:
        recorder.log(_dropped(recorder.dropped))
    recorder.close(
        Done(at_ns=time.monotonic_ns(), outcome=outcome, dropped=recorder.dropped, reason=worker.skipped_because)
    )
    return 1 if outcome == "failed" else 0


class Worker:
    """One order, carried out."""

    def __init__(self, orders: Orders, recorder: Recorder, find: Callable[[str], WorkloadEntry]) -> None:
        self._orders = orders
        self._recorder = recorder
        self._find = find
        self._entry: WorkloadEntry | None = None
        self._parameters: dict[str, Value] = {}
        self._optional = False
        self.skipped_because = ""
        """One line: why the workload does not fit the machine, where that is no failure."""

    def work(self) -> Outcome:
        """Wait for the order, carry it out, and say how it ended."""
        try:
            order = self._orders.start()
            if order is not None:
                self._carry_out(order)
        except Exception as error:  # noqa: BLE001 - the border: whatever a workload raises is told, not thrown
            # torch raises from this handler wherever the thread is, once for every loading process that is gone.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            failure = as_failure(error, time.monotonic_ns(), self._entry, self._parameters)
            if self._optional and not self._recorder.started and isinstance(error, ValueError | NoCuda):
                self.skipped_because = failure.message
                self._say(f"skipped: {failure.message}")
                return "skipped"
            self._recorder.frame(failure)
            return "failed"
        return "interrupted" if self._orders.stopping else "done"

    def _carry_out(self, order: Start) -> None:
        self._recorder.run = order.run
        self._optional = order.optional
        self._entry = self._find(order.workload)
        placed = at_home(order, self._entry)
        if placed.folder != order.folder:
            self._say(f"files of this run go to {placed.folder} on {socket.gethostname()}")
        complete(self._entry, placed.parameters, "cpu")
        self._say("importing torch")
        from workloads.launch import finish, prepare  # noqa: PLC0415 - torch takes seconds
        from workloads.witness.watch import watched  # noqa: PLC0415 - as that

        run = prepare(placed, self._entry, self._recorder, self._orders)
        self._parameters = run.parameters
        self._say(f"building {self._entry.name} on {run.device}")
        with watched(run):
            import_module(self._entry.module).run(run)
        if self._recorder.phase == "measure":
            run.phase("cooldown")  # the work is done; what comes now is no measuring
        finish(run)

    def _say(self, text: str) -> None:
        self._recorder.log(Log(at_ns=time.monotonic_ns(), text=text, origin="worker"))


def end_with_last_words(descriptor: int, crash: threading.ExceptHookArgs) -> None:
    """A thread of the worker itself failed: nobody would hear the run any more, so it ends here, loudly."""
    trace = traceback.format_exception(crash.exc_type, crash.exc_value, crash.exc_traceback)
    os.write(descriptor, "".join(trace).encode())
    os._exit(BROKEN)


def _dropped(count: int) -> Log:
    text = f"{count:,} samples are missing: they came faster than they could be sent"
    return Log(at_ns=time.monotonic_ns(), text=text, level="warning", origin="worker")


def or_end(write: Write) -> Write:
    """Writing that ends the process when nobody reads any more: without a conductor there is no run."""

    def attempt(data: bytes) -> None:
        try:
            write(data)
        except OSError:
            os._exit(ORPHANED)

    return attempt


if __name__ == "__main__":
    # Everything is sent. Taking torch and CUDA apart would take longer than the kernel needs for it.
    os._exit(main())
