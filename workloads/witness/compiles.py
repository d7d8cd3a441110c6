"""Compilations of torch.compile, as events: the first of a function, and those that came because it did not fit."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final

from workloads.wire.frames import Event

_ID: Final = re.compile(r"^(\d+)/(\d+)")
"""torch's own: which function, and how often it was compiled before."""


class Compiles:
    """Listens to torch's compiler; `began` and `ended` are for its callbacks, which never overlap."""

    def __init__(self, tell: Callable[[Event], None], clock: Callable[[], int] = time.monotonic_ns) -> None:
        """`tell` may be called from any thread."""
        self._tell, self._clock = tell, clock
        self._began_ns = 0

    def began(self, _: Any) -> None:
        """It begins."""
        self._began_ns = self._clock()

    def ended(self, what: Any) -> None:
        """It has ended."""
        took_ns = self._clock() - self._began_ns
        found = _ID.match(str(getattr(what, "compile_id", "")))
        again = int(found[2]) if found else 0
        text = f"function {found[1]}, for the {_ordinal(again + 1)} time" if found else ""
        kind = "recompile" if again else "compile"
        self._tell(Event(at_ns=self._began_ns, kind=kind, wall_ns=took_ns, text=text))  # type: ignore[arg-type]


def listen_to_compiler(tell: Callable[[Event], None]) -> Callable[[], None]:
    """Tell every compilation from here on → how to end that. Imports the compiler, which takes a second."""
    try:
        from torch._dynamo.callback import callback_handler  # noqa: PLC0415 - only who compiles pays for it
    except ImportError:  # it is torch's own, and may move
        return lambda: None
    compiles = Compiles(tell)
    callback_handler.register_start_callback(compiles.began)
    callback_handler.register_end_callback(compiles.ended)

    def end() -> None:
        callback_handler.remove_start_callback(compiles.began)
        callback_handler.remove_end_callback(compiles.ended)

    return end


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
