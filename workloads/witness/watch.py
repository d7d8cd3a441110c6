"""Everything that is noticed beside the measured loop, while a run goes on: a thread looks once a second."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from workloads.run import Run
from workloads.witness.allocator import allocator_of
from workloads.witness.collections import Collections
from workloads.witness.compiles import listen_to_compiler

EVERY_S: Final = 1.0
"""Between two looks; each costs the loop some ten microseconds of the interpreter."""


@contextmanager
def watched(run: Run, every_s: float = EVERY_S) -> Iterator[None]:
    """Tell collections, compilations and the allocator's readings of a run, until it is done."""
    collections, allocator = Collections(run.recorder.aside), allocator_of(run.device, run.recorder)
    over = threading.Event()

    def look() -> None:
        collections.tell_short()
        if allocator is not None:
            allocator.tell()

    def watch() -> None:
        while not over.wait(every_s):
            look()

    compiles = run.parameters.get("compile") is True
    deafen = listen_to_compiler(run.recorder.aside) if compiles else lambda: None
    gc.callbacks.append(collections)
    thread = threading.Thread(target=watch, name="witness", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gc.callbacks.remove(collections)
        deafen()
        over.set()
        thread.join()
        look()
