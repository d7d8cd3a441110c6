"""The process that listens to a program of the user's: `python -P -m workloads.exec -- COMMAND…`.

A conductor starts it in the place of a worker and speaks to it as to one.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial

from workloads.exec.family import adopt
from workloads.exec.listener import Listener
from workloads.exec.orders import Orders
from workloads.exec.sender import Sender
from workloads.fingerprint import hello, without_interpreter
from workloads.orders import die_with_parent
from workloads.recorder import writer_of
from workloads.wire.frames import Done
from workloads.wire.framing import frame_bytes
from workloads.worker import end_with_last_words, or_end


def main(arguments: Sequence[str]) -> int:
    """The whole life of a listener. Gives its exit status: 1 when the run failed."""
    command = tuple(arguments[1:] if arguments[:1] == ["--"] else arguments)
    die_with_parent()
    adopt()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.excepthook = partial(end_with_last_words, 2)
    wire = os.dup(1)
    os.dup2(2, 1)
    write = or_end(writer_of(wire))
    # Not of the rank that whoever called may be; what the command's interpreters are is for them to say.
    write(frame_bytes(hello(without_interpreter(), 0)))
    orders = Orders()
    start = orders.first()
    if start is None or not command:
        write(frame_bytes(Done(at_ns=time.monotonic_ns(), outcome="interrupted")))
        return 0
    folder = tempfile.mkdtemp(prefix="benchtop-")
    try:
        listener = Listener(start, command, Sender(write, start.run), orders, folder)
        return 1 if listener.listen() == "failed" else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Everything is sent, and the command is gone.
    os._exit(main(sys.argv[1:]))
