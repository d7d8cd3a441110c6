"""What can be changed of a server while it serves: tried beside it in turn, or turned for good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from workloads.entries.experiments import BFLOAT16, DOUBLE, GRAPH, PINNED, RESIDENT, TF32
from workloads.entries.load import MAX_BATCH, MULTI
from workloads.infer.load.answers import Answers
from workloads.infer.load.closed_loop import ClosedLoop
from workloads.infer.load.queries import Queries
from workloads.infer.load.settings import Load
from workloads.infer.ticket import Submit
from workloads.run import Length, Run
from workloads.trying.arithmetic import arithmetic, computing_in
from workloads.trying.bench import Sides
from workloads.wire.frames import Value


@dataclass(frozen=True)
class Other:
    """How a server is to differ from the run's own; None: as that. The batch is said: the run's own may be turned."""

    batch: int
    precision: str | None = None
    graphs: bool | None = None
    resident: bool = False
    """Whether all requests ask about one batch, which lies on the device."""
    pin: bool | None = None


Build = Callable[[Other, ExitStack], Submit]
"""Makes another server beside the run's own; the stack closes what it holds. Raises ValueError and RuntimeError."""

_CHANGES: Final[Mapping[str, Callable[[int], Other]]] = {
    DOUBLE: Other,
    RESIDENT: partial(Other, resident=True),
    PINNED: partial(Other, pin=True),
    BFLOAT16: partial(Other, precision=BFLOAT16),
    TF32: partial(Other, precision=TF32),
    GRAPH: partial(Other, graphs=True),
}
"""Experiment → what it changes, given the batch."""


class Served:
    """The server of a run under its load, which waits for answers; both may become others."""

    def __init__(self, run: Run, load: Load, answers: Answers, *, units: int, prefetched: int) -> None:
        """`units` of work a request; `prefetched`: batches that other processes may have ready."""
        self.load = load
        self.submit: Submit | None = None
        self.build: Build | None = None
        self.opened = ExitStack()
        """Closes what servers hold that were made meanwhile."""
        self._run, self._answers = run, answers
        self._units, self._prefetched = units, prefetched

    def make(self, length: Length, asked: Collection[object] = ()) -> None:
        """Serve on: these requests are the run's own."""
        assert self.submit is not None
        self._loop(self.submit, self.load, asked).serve(length)

    @contextmanager
    def sides(self, experiment: str) -> Iterator[Sides]:
        """The run's own server, and another one beside it; one of a larger batch has as many more clients."""
        assert self.build is not None
        load = self.load
        wide = _of_batch(load, 2 * load.most) if experiment == DOUBLE else load
        other = _CHANGES[experiment](wide.batch)
        with ExitStack() as opened:
            with arithmetic(self._run, other.precision):
                submit = self.build(other, opened)
            changed = computing_in(self._run, other.precision, self._loop(submit, wide).serve)
            yield Sides(self.make, changed, self._prefetched)

    def turn(self, name: str, value: Value) -> None:
        """Serve with another setting from here on. Raises ValueError."""
        load, parameters = self.load, self._run.parameters
        if name == "concurrency":
            clients = int(value) or load.most
            self.load = replace(load, clients=clients, most=min(load.batch, clients))
        elif name == "batch":
            assert self.build is not None
            wide = _of_batch(load, int(value))
            self.submit = self.build(Other(wide.batch), self.opened)
            self.load = replace(wide, clients=max(load.clients, wide.clients))
        if MAX_BATCH in parameters:
            parameters[MAX_BATCH] = self.load.most
        if "concurrency" in parameters:
            parameters["concurrency"] = self.load.clients

    def _loop(self, submit: Submit, load: Load, asked: Collection[object] = ()) -> ClosedLoop | Queries:
        """Where something is asked for meanwhile, it ends early."""
        if load.kind == MULTI:
            recorder, samples = self._run.recorder, load.samples
            return Queries(recorder, submit, samples=samples, most=load.most, units=self._units, asked=asked)
        return ClosedLoop(submit, self._answers, clients=load.clients, batch=load.most, asked=asked)


def _of_batch(load: Load, batch: int) -> Load:
    """With a server of another batch, and as many more or fewer clients."""
    clients = max(1, load.clients * batch // load.most)
    return replace(load, batch=batch, most=min(batch, clients), clients=clients)
