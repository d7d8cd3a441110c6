"""Asking one device: an answer, or the driver's reason why there is none.

The one place where NVML's errors are caught. A question that was refused for good is not asked again,
and a device that is lost is not asked anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.telemetry.nvidia_border import NvmlError, code_of, is_final, is_lost, words

Answer = TypeVar("Answer")


class Calls:
    """The questions to one device, and which of them it has refused for good."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}
        self._lost: str | None = None

    def ask(self, names: tuple[str, ...], absent: dict[str, str], call: Callable[[], Answer]) -> Answer | None:
        """Make the call that gives these readings → its answer, or None with the reason in `absent` for each."""
        reason = self._lost or self._refused.get(names[0])
        if reason is None:
            try:
                return call()
            except NvmlError as error:
                reason = self.refuse(names[0], code_of(error))
        absent.update(dict.fromkeys(names, reason))
        return None

    def is_open(self, name: str) -> bool:
        """Whether it makes sense to ask for this reading."""
        return self._lost is None and name not in self._refused

    def why_not(self, name: str) -> str:
        """The reason why it does not."""
        return self._lost or self._refused[name]

    def refuse(self, name: str, code: int) -> str:
        """Remember a return code, where it says something about the next time → the reason in words."""
        reason = words(code)
        if is_final(code):
            self._refused[name] = reason
        if is_lost(code):
            self._lost = reason
        return reason
