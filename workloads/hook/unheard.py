"""Steps of optimizers that are not heard: hooks that are compiled along with a step say nothing when it runs."""

from __future__ import annotations


class Unheard:
    """Told from how often weights were changed, as torch counts it."""

    __slots__ = ("_version", "found")

    def __init__(self) -> None:
        self._version: int | None = None
        self.found = False
        """Whether there are any."""

    def stepped(self, version: int | None) -> bool:
        """Whether weights have changed since this was asked before; `version`: None where that is not known."""
        before, self._version = self._version, version
        changed = None not in (before, version) and version != before
        self.found = self.found or changed
        return changed
