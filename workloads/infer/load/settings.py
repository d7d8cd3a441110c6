"""What a run's load was set to, settled before its model is built: the kind, how many at once, how many clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workloads.entries.load import CLOSED, MAX_BATCH, MAX_DELAY, MULTI, SINGLE, belonging, check_load
from workloads.run import Run


@dataclass(frozen=True)
class Load:
    """How requests come, and how many the server takes at once."""

    kind: str
    batch: int
    """Requests that the server is built for."""
    most: int
    """Requests of a batch, at most."""
    clients: int
    """Requests that can be outstanding, in a loop that waits for answers; when warming up, two batches at least."""
    samples: int = 1
    """Of a query."""
    max_delay_ns: int = 0


def settle_load(run: Run, *, clients: Callable[[int], int] = lambda batch: batch) -> Load:
    """Of a workload that serves up to `batch` requests at once. The run's parameters then say what is served.

    `clients`: how many there are at that batch, where `concurrency` is 0. Raises ValueError for what does not fit.
    """
    check_load(run.order.parameters)
    kind, most = run.text("load"), run.integer(MAX_BATCH)
    samples = run.integer("samples_per_query") if kind == MULTI else 1
    batch = run.integer("batch")
    if "batch" not in run.order.parameters:
        batch = most or (samples if kind == MULTI else batch)
    most = most or batch
    outstanding = _outstanding(run, kind, batch, clients)
    if outstanding:
        batch, most = min(batch, outstanding), min(most, outstanding)
    load = Load(
        kind=kind,
        batch=batch,
        most=most,
        clients=outstanding or 2 * most,
        samples=samples,
        max_delay_ns=round(run.number(MAX_DELAY) * 1e6),
    )
    run.parameters.update(batch=batch, max_batch=most)
    _say(run, load)
    return load


def settle_calls(run: Run) -> Load:
    """Of a workload that serves one request a call. Raises ValueError for what does not fit."""
    check_load(run.order.parameters)
    kind = run.text("load")
    samples = run.integer("samples_per_query") if kind == MULTI else 1
    load = Load(kind, batch=1, most=1, clients=_outstanding(run, kind, 1, lambda _: 1) or 2, samples=samples)
    _say(run, load)
    return load


def _outstanding(run: Run, kind: str, batch: int, clients: Callable[[int], int]) -> int:
    """Requests that can be outstanding; 0 where there is no limit to them."""
    if kind == CLOSED:
        return run.integer("concurrency") or clients(batch)
    return {SINGLE: 1, MULTI: int(run.parameters["samples_per_query"])}.get(kind, 0)


def _say(run: Run, load: Load) -> None:
    """The configuration says what was settled, and nothing that is for another kind of load."""
    if load.kind == CLOSED:
        run.parameters["concurrency"] = load.clients
    kept = belonging(run.parameters)
    for name in set(run.parameters) - set(kept):
        del run.parameters[name]
