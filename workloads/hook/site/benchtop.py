"""Marks of a script's own on benchtop's screens: `benchtop.mark("epoch 3")`, or `with benchtop.mark("evaluation"):`.

One file without dependencies, free to be copied beside any script. Outside of `benchtop exec` it does nothing.
"""

import sys
import time


class mark:  # noqa: N801 (it is used like a function)
    """Something that happens now, or (as a context manager) that begins now and ends with the block."""

    def __init__(self, text: str) -> None:
        self._text = str(text)
        self._began_ns = time.monotonic_ns()
        _say(self._text, self._began_ns, 0)

    def __enter__(self) -> "mark":
        return self

    def __exit__(self, *_: object) -> None:
        _say(self._text, self._began_ns, time.monotonic_ns() - self._began_ns)


def _say(text: str, began_ns: int, wall_ns: int) -> None:
    if "_benchtop_hook" in sys.modules:
        from _benchtop_hook.marks import said

        said(text, began_ns, wall_ns)
