"""What can be changed of a recipe: for an experiment beside the run, or from here on.

An experiment trains the run's own model with its own optimizer, on batches from a source beside the run's, so that
the order of the data is not touched. At its end weights, statistics, optimizer and random states are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, cast

import torch

from workloads.data.resident import Resident
from workloads.entries.experiments import BFLOAT16, DOUBLE, GRAPH, PINNED, RESIDENT, TF32
from workloads.run import Run
from workloads.train.graphed import GraphedSteps
from workloads.train.kept import Kept
from workloads.train.recipe import Batches, Loss, Recipe, Source
from workloads.train.steps import Steps
from workloads.trying.arithmetic import arithmetic, computing_in
from workloads.trying.bench import Make, Sides
from workloads.wire.frames import Value


class StepsOf(Protocol):
    """Makes steps of a recipe, on the model of the run."""

    def __call__(self, recipe: Recipe, kind: type[Steps] = ..., /) -> Steps:
        """Those of another kind too."""


@contextmanager
def sides(
    run: Run, recipe: Recipe, experiment: str, optimizer: torch.optim.Optimizer, steps_of: StepsOf
) -> Iterator[Sides]:
    """Both settings of an experiment. Raises ValueError where it cannot be made ready."""
    kept, sources = Kept(recipe.model, optimizer, run.device), _Sources(recipe)
    try:
        beside = replace(recipe, batches=sources.open(Source()))
        plain = steps_of(beside)
        if experiment == DOUBLE:
            changed: Make = steps_of(_of_batch(recipe, 2 * recipe.samples, sources.open)).make
        elif experiment == RESIDENT:
            batch = tuple(part.to(run.device, copy=True) for part in beside.batches.next())
            changed = steps_of(replace(recipe, batches=Resident(batch))).make
        elif experiment == PINNED:
            changed = steps_of(replace(recipe, batches=sources.open(Source(pin=True)))).make
        elif experiment in (BFLOAT16, TF32):
            with arithmetic(run, experiment):
                other = replace(beside, loss=_loss_in(recipe, experiment))
            changed = computing_in(run, experiment, steps_of(other).make)
        else:
            assert experiment == GRAPH
            graphed = steps_of(beside, GraphedSteps)
            cast("GraphedSteps", graphed).record(beside.batches.next())
            changed = graphed.make
        yield Sides(plain.make, changed, recipe.prefetched)
    finally:
        sources.close()
        kept.put_back()


def changed_recipe(recipe: Recipe, name: str, value: Value) -> Recipe:
    """The recipe with a knob turned; with another source of batches they begin anew. Raises ValueError."""
    sources = _Sources(recipe)
    if name == "batch":
        changed = _of_batch(recipe, int(value), sources.open)
    elif name == "workers":
        changed = replace(recipe, batches=sources.open(Source(workers=int(value))), prefetched=0)
    else:
        assert name == "precision"
        return replace(recipe, loss=_loss_in(recipe, str(value)))
    _close(recipe.batches)
    changed.batches.restart()
    return changed


def _of_batch(recipe: Recipe, batch: int, batches: Callable[[Source], Batches]) -> Recipe:
    tokens = None if recipe.tokens is None else recipe.tokens * batch // recipe.samples
    return replace(recipe, batches=batches(Source(batch=batch)), samples=batch, tokens=tokens)


def _loss_in(recipe: Recipe, precision: str) -> Loss:
    assert recipe.other_precision is not None
    return recipe.other_precision(precision)


def _close(batches: Batches) -> None:
    """Give back what a source holds, where it holds something."""
    getattr(batches, "close", lambda: None)()


class _Sources:
    """Sources of batches beside the run's own, to be closed."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._open: list[Batches] = []

    def open(self, source: Source) -> Batches:
        """One more. Raises ValueError for what cannot be."""
        assert self._recipe.other_batches is not None
        batches = self._recipe.other_batches(source)
        self._open.append(batches)
        return batches

    def close(self) -> None:
        """All of them."""
        for batches in self._open:
            _close(batches)
