"""What is done at ends of steps: a count, and then what the listener asks for: an experiment, a profile, or silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .counting import Counting
from .experiments import Experiment
from .profiling import Profiling

if TYPE_CHECKING:
    from .listening import Listening


def listen(here: Listening) -> None:
    """Take orders from now on; they come in the line's thread."""
    here.orders = Orders(here)
    here.orders.count()
    here.line.told = here.guarded(here.orders.told)


class Orders:
    """One thing at a time; another one has to wait for its turn, and is told so."""

    def __init__(self, here: Listening) -> None:
        self._here = here
        self._under_way: Any = None
        self._next: Any = None
        """Comes behind a count."""
        self._last = False

    def count(self) -> None:
        """Count a step, as soon as there is one to be counted. In the child of a fork: anew."""
        self.uncount()
        self._next = None
        self._under_way = Counting(self._here)
        self._here.loop.at_end = self._here.guarded(self._step)

    def uncount(self) -> None:
        """What follows must not be seen by a count, or the process ends."""
        if isinstance(self._under_way, Counting):
            self._under_way.leave()

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
        under_way = self._under_way
        if isinstance(under_way, Experiment) or (isinstance(under_way, Counting) and under_way.on):
            under_way.ending = self._last = True
        else:
            self._here.off()

    def settle(self) -> None:
        """The script is about to use what it has learned: an experiment ends before it. For the script's thread."""
        if isinstance(self._under_way, Experiment):
            self._under_way.cannot("the script came to an evaluation, a checkpoint or its end")
            self._over()
        elif isinstance(self._under_way, Counting):
            self._under_way.spoil()

    def _over(self) -> None:
        self._under_way = None
        self._here.loop.at_end = self._here.loop.ordered = None
        if self._last:
            self._here.off()
        else:
            self._begin_next()

    def _begin_next(self) -> None:
        what, self._next = self._next, None
        if what is not None:
            self._begin(what)

    def _begin(self, what: Any) -> None:
        if isinstance(self._under_way, Counting) and self._next is None:
            counting, self._next = self._under_way, what
            counting.ending = True
            if self._under_way is not counting:  # it was over meanwhile, in the script's thread
                self._begin_next()
            return
        if self._under_way is not None:
            what.cannot("another experiment or profile is under way")
            return
        self._under_way = what
        self._here.loop.ordered = self._here.guarded(self._step)
        self._here.notes.prompt = True

    def _step(self, now: int) -> None:
        try:
            over = self._under_way.step(now)
        except Exception as error:
            over = True
            self._under_way.cannot(f"it failed: {error!r}")
        if over:
            self._over()
