"""Says that something long goes on: a worker that says nothing for ten seconds is taken for one that hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY_S: Final = 5.0


@contextmanager
def heartbeat(say: Callable[[str], object], what: str, *, every_s: float = EVERY_S) -> Iterator[None]:
    """While the `with` lasts: `compiling: 5 s`, `compiling: 10 s`. Nothing is said of what is shorter.

    `say` is called in a thread.
    """
    over, began = threading.Event(), time.monotonic()

    def beat() -> None:
        while not over.wait(every_s):
            say(f"{what}: {time.monotonic() - began:.0f} s")

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
