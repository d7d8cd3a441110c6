"""What was put in the place of torch's own attributes, and how all of it goes back."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from .stand_in import stand_in

_ABSENT: Any = object()


class Patches:
    """Every change that the hook makes in this process."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def put(self, owner: Any, name: str, new: Any) -> None:
        """`owner.name` is that from here on; an attribute that was inherited is so again afterwards."""
        old = vars(owner).get(name, _ABSENT)
        setattr(owner, name, new)

        def undo() -> None:
            if vars(owner).get(name) is not new:
                return  # somebody else has put another thing there, which may rest on this one
            if old is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, old)

        self._undo.append(undo)

    def around(self, owner: Any, name: str, enter: Callable[..., Any], leave: Callable[..., Any]) -> None:
        """Call `at = enter(…)` before that function and `leave(at, result)` behind it: see `stand_in`."""
        self.within(owner, name, _benchtop_enter=enter, _benchtop_leave=leave)

    def within(self, owner: Any, name: str, *statements: str, **how: Any) -> None:
        """Have statements run before that function and behind it: see `stand_in`."""
        function = vars(owner)[name]
        try:
            new = stand_in(function, *statements, **how)
        except (ValueError, OSError, TypeError, SyntaxError, IndexError):
            # Without source, or more than a plain function: one frame more in tracebacks.
            through = _method if isinstance(owner, type) else _function
            new = functools.update_wrapper(stand_in(through, *statements, **how, _benchtop_real=function), function)
        self.put(owner, name, new)

    def also(self, undo: Callable[[], Any]) -> None:
        """Another thing to do when all goes back."""
        self._undo.append(lambda: (undo(), None)[1])

    def back(self) -> None:
        """Everything as it was. Never raises."""
        while self._undo:
            with contextlib.suppress(Exception):
                self._undo.pop()()


def _method(self: Any, *args: Any, **kwargs: Any) -> Any:
    return _benchtop_real(self, *args, **kwargs)  # type: ignore[name-defined]  # noqa: F821 (given to `stand_in`)


def _function(*args: Any, **kwargs: Any) -> Any:
    return _benchtop_real(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821
