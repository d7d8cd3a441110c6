"""What was put in the place of torch's own attributes, and how all of it goes back."""

from __future__ import annotations

import contextlib
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

    def around(
        self,
        owner: Any,
        name: str,
        enter: Callable[..., Any],
        leave: Callable[..., Any],
        **how: Any,
    ) -> None:
        """Call `at = enter(…)` before that function and `leave(at, result)` behind it: see `stand_in`."""
        function = vars(owner)[name]
        try:
            new = stand_in(function, enter, leave, **how)
        except (ValueError, OSError, TypeError, SyntaxError, IndexError):
            new = _wrapped(function, enter, leave, packed="given" in how)
        self.put(owner, name, new)

    def also(self, undo: Callable[[], Any]) -> None:
        """Another thing to do when all goes back."""
        self._undo.append(lambda: (undo(), None)[1])

    def back(self) -> None:
        """Everything as it was. Never raises."""
        while self._undo:
            with contextlib.suppress(Exception):
                self._undo.pop()()


def _wrapped(function: Any, enter: Callable[..., Any], leave: Callable[..., Any], *, packed: bool) -> Any:
    """For functions without source: one frame more in tracebacks."""
    import functools

    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        at = enter(args[0] if args else None, args[1:], kwargs) if packed else enter(*args, **kwargs)
        result = None
        try:
            result = function(*args, **kwargs)
            return result
        finally:
            if at is not None:
                leave(at, result)

    return inner
