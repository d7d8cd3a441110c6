"""What the listener asks for while the script runs: an experiment, a profile, or silence. Done at ends of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .experiments import Experiment
from .profiling import Profiling

if TYPE_CHECKING:
    from .listening import Listening


def listen(here: Listening) -> None:
    """Take orders from now on; they come in the line's thread."""
    here.orders = Orders(here)
    here.line.told = here.guarded(here.orders.told)


class Orders:
    """One thing at a time; another one has to wait for its turn, and is told so."""

    def __init__(self, here: Listening) -> None:
        self._here = here
        self._under_way: Any = None
        self._last = False

    def told(self, header: dict[str, Any]) -> None:
        """A message of the listener."""
        kind, here = header.get("kind"), self._here
        if kind == "stop":
            self.silence()
        elif kind == "try" and not header.get("experiment"):
            if isinstance(self._under_way, Experiment):
                self._under_way.ending = True
        elif kind == "try":
            self._begin(Experiment(here, header))
        elif kind == "profile":
            self._begin(Profiling(here, header))

    def silence(self) -> None:
        """The listener wants no more, or is gone: once the script is as it was, the hook is off. For any thread."""
        if isinstance(self._under_way, Experiment):
            self._under_way.ending = self._last = True
        else:
            self._here.off()

    def settle(self) -> None:
        """The script is about to use what it has learned: an experiment ends before it. For the script's thread."""
        if isinstance(self._under_way, Experiment):
            self._under_way.cannot("the script came to an evaluation, a checkpoint or its end")
            self._over()

    def _over(self) -> None:
        self._under_way = None
        self._here.loop.at_end = None
        if self._last:
            self._here.off()

    def _begin(self, what: Any) -> None:
        if self._under_way is not None:
            what.cannot("another experiment or profile is under way")
            return
        self._under_way = what
        self._here.loop.at_end = self._here.guarded(self._step)

    def _step(self, now: int) -> None:
        try:
            over = self._under_way.step(now)
        except Exception as error:
            over = True
            self._under_way.cannot(f"it failed: {error!r}")
        if over:
            self._over()
