"""What the ranks of a run agree on: when a phase begins, and how many steps it has.

Ranks reduce their gradients together, so all of them must do the same number of steps, or the others wait for
ever. Rank 0 alone looks at the clock and at the wish to stop. It grants steps in lots, each of them before the
one before is used up, and says of one lot that it is the last. Every rank does exactly the steps that were
granted: a rank that is ahead waits for the next word, and no two can ever differ. A lot may also end with an order,
such as to take a profile, which all carry out behind the same step.

Nobody is made to wait by it. A rank asks for the next lot when it has made all steps of those that it knows. Of
these, the device may still have RUN_AHEAD under way, and a step that is done on one device has been queued by
every rank, since all of them reduced it together; so rank 0 is at most RUN_AHEAD + 1 steps behind, and speaks
that many steps before a lot ends (on the CPU, where nothing runs ahead, one). A lot is about LOT_S long: the store
is asked four times a second, not every step, and a run ends that much after it was asked to.

The words travel through the store of the launcher, on a connection of their own: waiting there occupies neither
the process group nor a GPU.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple, Protocol

import torch
from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]  # torch exports them, unsaid

from workloads.device_clock import RUN_AHEAD
from workloads.world import rank, world_size

LOT_S: Final = 0.25
"""Seconds that a lot of steps is meant to take."""

_EVER: Final = timedelta(days=365)
"""No rank gives up waiting: one that died is seen by the launcher, which ends the others."""

_KEPT: Final = 64
"""Lots that stay in the store; no rank is so far behind."""


class Store(Protocol):
    """A store of torch.distributed, as far as it is used here."""

    def add(self, key: str, amount: int, /) -> int:
        """Add to a counter → what it is now."""

    def set(self, key: str, value: str, /) -> None:
        """Say something."""

    def get(self, key: str, /) -> bytes:
        """What was said."""

    def wait(self, keys: list[str], timeout: timedelta, /) -> None:
        """Return once all was said."""

    def delete_key(self, key: str, /) -> bool:
        """Forget it."""


class Progress(NamedTuple):
    """Where a length stands, as rank 0 sees it."""

    stopping: bool
    """Whether the run is to end soon."""
    enough: bool
    """Whether no further step is wanted."""
    passed_s: float
    """Seconds of measuring so far."""
    left_s: float | None
    """Seconds that are left of it, where it has a duration."""
    order: str = ""
    """What somebody wants of the run, as text; empty: nothing."""


class Agreement:
    """One of the ranks, speaking to the others. `lead`: steps before the end of a lot at which the next is granted."""

    def __init__(self, store: Store, rank: int, ranks: int, *, lead: int) -> None:
        self.stopped = False
        """Whether a length was ended early because the run is to stop; on every rank at the same step."""
        self.leads = rank == 0
        self.lead = lead
        self._store = store
        self._ranks = ranks
        self._meetings = 0
        self._lengths = 0

    def meet(self) -> None:
        """Return once every rank has come here."""
        self._meetings += 1
        key = f"meeting {self._meetings}"
        if self._store.add(key, 1) == self._ranks:
            self._store.set(f"{key}: all", "")
        self._store.wait([f"{key}: all"], _EVER)

    def lots(self, steps: int | None) -> Lots:
        """The next length, of so many steps at most. Every rank makes the same ones in the same order."""
        self._lengths += 1
        return Lots(self, f"length {self._lengths}", steps)

    def agreed(self, word: str) -> str:
        """Return once every rank has come here → the word of one that has any, on every rank the same one."""
        number = self._meetings + 1
        if word:
            self._store.set(f"word {number}", word)
            self._store.add(f"words {number}", 1)
        self.meet()
        return self._store.get(f"word {number}").decode() if self._store.add(f"words {number}", 0) else ""

    def say(self, key: str, number: int, granted: int, kind: str, order: str) -> None:
        """Rank 0: the lot of that number reaches to so many steps, and is followed by that order, if any."""
        self._store.set(f"{key}, lot {number}", f"{granted} {kind} {order}")
        if number > _KEPT:
            self._store.delete_key(f"{key}, lot {number - _KEPT}")

    def hear(self, key: str, number: int) -> tuple[int, str, str]:
        """The others: wait for the lot of that number."""
        self._store.wait([f"{key}, lot {number}"], _EVER)
        granted, kind, order = self._store.get(f"{key}, lot {number}").decode().split(" ", 2)
        return int(granted), kind, order


class Lots:
    """The steps of one length, lot by lot."""

    def __init__(self, agreement: Agreement, key: str, steps: int | None) -> None:
        self._agreement = agreement
        self._key = key
        self._steps = steps
        self._granted = 0
        self._lots = 0
        self._size = 1
        self._stops = False
        """Whether the last lot is the last because the run is to stop."""
        self._last: int | None = None
        """Steps in all, once that is known."""
        self._order: tuple[int, str] | None = None
        """After how many steps an order is to be carried out, and which."""

    def over(self, done: int, progress: Callable[[], Progress]) -> bool:
        """Whether a rank that has made `done` steps is to make no further one. Only rank 0's progress is asked for."""
        if self._agreement.leads:
            # Most often one is enough; the steps of a profile may have used up several.
            while self._last is None and done + self._agreement.lead >= self._granted:
                self._grant(done, progress())
        else:
            while self._last is None and done >= self._granted:
                self._hear()
        over = self._last is not None and done >= self._last
        # Not before: rank 0 knows of the stop some steps earlier than the others, and must go as far as they do.
        self._agreement.stopped |= over and self._stops
        return over

    def order(self, done: int) -> str:
        """What all ranks carry out now, having made `done` steps; empty: nothing. Says so once."""
        if self._order is None or done < self._order[0]:
            return ""
        (_, order), self._order = self._order, None
        return order

    def _grant(self, done: int, now: Progress) -> None:
        if not (now.stopping or now.enough):
            self._granted += self._next_size(done, now)
            if self._steps is not None:
                self._granted = min(self._granted, self._steps)
        if now.stopping or now.enough or self._granted == self._steps:
            self._last = self._granted
        self._stops = now.stopping
        self._lots += 1
        kind = "stop" if now.stopping else "more" if self._last is None else "last"
        order = now.order if self._last is None and self._order is None else ""
        self._order = (self._granted, order) if order else self._order
        self._agreement.say(self._key, self._lots, self._granted, kind, order)

    def _next_size(self, done: int, now: Progress) -> int:
        """Steps: LOT_S of them, no more than there is time for, and few at first: their pace is not known yet."""
        if not self._granted:
            return self._agreement.lead + 1
        seconds = LOT_S if now.left_s is None else min(LOT_S, now.left_s)
        wanted = int(seconds * done / max(now.passed_s, 1e-9))
        self._size = max(1, min(2 * self._size, wanted))
        return self._size

    def _hear(self) -> None:
        self._lots += 1
        self._granted, kind, order = self._agreement.hear(self._key, self._lots)
        if order:
            self._order = (self._granted, order)
        if kind != "more":
            self._last = self._granted
        self._stops = kind == "stop"


def agree(device: torch.device) -> Agreement:
    """The agreement of this process with the other ranks of its run, through the store of whoever started them."""
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    store = PrefixStore("benchtop", TCPStore(host, port, is_master=False))
    return Agreement(store, rank(), world_size(), lead=RUN_AHEAD + 1 if device.type == "cuda" else 1)
