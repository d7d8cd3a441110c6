"""Begins to listen once torch is imported, and stops for good when anything of it fails."""

from __future__ import annotations

import _thread
import atexit
import contextlib
import os
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any

from . import collecting, compiling, cuda, exchange, forward, loading, marks, optimizers, orders, saving, waits
from .arming import disarm
from .hello import hello
from .line import Line, complain, gave_up
from .loop import Loop
from .methods import Methods
from .notes import Notes
from .orders import Orders
from .patches import Patches
from .tracebacks import Tracebacks

PARTS = (optimizers, forward, loading, saving, compiling, cuda, exchange, collecting, marks, waits, orders)
"""Each listens to one thing, in this order."""


class Listening:
    """All of the hook in one process."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.on = True
        self.patches = Patches()
        self.line = Line()
        self.loop = Loop(self.line)
        self.loop.open = self.opened
        self.notes = Notes(self.loop)
        self.loop.told_again = self.hello
        self.pid = os.getpid()
        self.line.lost = self.lost
        self.orders: Orders | None = None
        self.inside: set[int] = set()
        """Threads that are in a forward, where there are several: see `Notes.inside`."""
        self.seen: set[type] = set()
        """Of modules that were called without gradients."""
        self.optimizers: weakref.WeakSet[Any] = weakref.WeakSet()
        """All that the script has made."""
        self.methods: Methods | None = None
        """Of tensors, once CUDA is started."""
        self.tracebacks: Tracebacks | None = None
        """While operators are counted: of errors that they raise."""
        self.pins = self.skips = False
        """Experiments: copies are pinned first; reads give their last values."""

    def opened(self) -> None:
        """The first thing is seen: say hello, unless this is a DataLoader's worker."""
        worker = sys.modules.get("torch.utils.data._utils.worker")
        if worker is not None and getattr(worker, "_worker_info", None) is not None:
            self.off()
            return
        # Whoever listens must know first who speaks; a compilation or a checkpoint may have been before all steps.
        self.line.queue.appendleft(hello(self.torch, *(self.loop.known or ())))
        try:
            opened = self.line.open()
        except (OSError, KeyError):
            opened = False
        if not opened:
            self.off()
            return
        processes = sys.modules.get("multiprocessing.util")
        if processes is not None and sys.modules["multiprocessing.process"].parent_process() is not None:
            # A forked child of multiprocessing ends without what is registered with atexit.
            processes.Finalize(None, self.bye, exitpriority=0)

    def hello(self) -> None:
        """Say who speaks, as far as it is known."""
        self.line.put(hello(self.torch, *(self.loop.known or ())))

    def failed(self, error: BaseException) -> None:
        """Say so once, and get out of the way."""
        if not self.on:
            return
        said = gave_up(error)
        try:
            self.settle()
            with contextlib.suppress(Exception):
                self.notes.catch_up()
        finally:
            self.off(close=False)
        if self.line.closed or not self.loop.begun:
            complain(said["text"])
        self.line.close(said)

    def off(self, *, close: bool = True) -> None:
        """Hear nothing any more. Never raises."""
        self.on = False
        self.uncount()
        disarm()
        self.notes.stop()
        self.patches.back()
        if close:
            self.line.closed = True

    def lost(self) -> None:
        """The listener is gone."""
        if self.orders is not None:
            self.orders.silence()
        else:
            self.off()

    def settle(self) -> None:
        """The script is about to use what it has learned."""
        if self.orders is not None:
            self.orders.settle()

    def clean(self) -> None:
        """Something ended, by an error it may be: take the hook's own frames out of that."""
        if self.tracebacks is not None:
            self.tracebacks.clean(sys.exc_info()[1])

    def uncount(self) -> None:
        """Nothing of what comes now may be seen by a count."""
        if self.orders is not None:
            self.orders.uncount()

    def forks(self) -> None:
        """The process is about to fork: no thread of the hook may be under way then."""
        if self.on:
            self.line.pause()
            self.notes.prompt = True  # what is put on the line next resumes it

    def child(self) -> None:
        """In the child of a fork: it has a line of its own, if it comes to do anything."""
        if self.on:
            self.inside &= {_thread.get_ident()}
            self.pid = os.getpid()
            self.line.renew()
            self.loop.renew()
            self.notes.renew()
            if self.orders is not None:
                self.orders.count()

    def bye(self) -> None:
        """The process ends in an orderly way."""
        if self.on and self.loop.begun and self.pid == os.getpid():
            self.settle()
            self.uncount()
            self.notes.at_once(self.loop.end)
            self.line.close({"kind": "done", "at_ns": time.monotonic_ns(), "dropped": self.line.dropped})

    def catch_up(self) -> None:
        """Tell the loop of what was noted. Never raises."""
        try:
            self.notes.catch_up()
        except Exception as error:  # the script must go on
            self.failed(error)

    def guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same, but it never raises: the first error ends the hook."""

        def careful(*args: Any, **kwargs: Any) -> Any:
            if self.on:
                try:
                    return call(*args, **kwargs)
                except Exception as error:  # the script must go on
                    self.failed(error)
            return None

        return careful


def listen(torch: Any) -> None:
    """Begin. Never raises."""
    here = Listening(torch)
    try:
        for part in PARTS:
            part.listen(here)
        atexit.register(here.bye)
        os.register_at_fork(before=here.forks, after_in_child=here.child)
    except Exception as error:
        here.failed(error)
