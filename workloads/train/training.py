"""The loop of every training workload: step, step, step, and now and then a look at held-out data.

A step is: the next batch (data wait), its move to the device (host-to-device; on the CPU there is nothing to
move, and the part is absent), forward, backward, optimizer. On the CPU the parts are times on the host. On
CUDA the data wait is the host's, the others lie between CUDA events and are the device's, with the gaps in
which it had nothing to do; the host runs ahead, so a data wait costs nothing as long as it is shorter than the
device's work.

Warm-up steps train for real, so that caches, clocks and allocators are where they will be, and are then
undone: weights, running statistics and optimizer go back to the start, and the result does not depend on
how many there were.

What is tried meanwhile is tried on the same model, and undone the same way: see `trials`.

Of several ranks each runs this loop on batches of its own, and gradients are reduced once a step, with the last
part of its batch. Rank 0 alone looks at held-out data; with sharded weights all must, since each holds a part.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from workloads.heartbeat import heartbeat
from workloads.run import Length, Run
from workloads.timing import StepClock, step_clock
from workloads.train.kept import Kept
from workloads.train.parallel import is_sharded, share_model
from workloads.train.recipe import Recipe
from workloads.train.steps import Steps
from workloads.train.trials import changed_recipe, sides
from workloads.trying.attend import attend, steps_of
from workloads.trying.bench import Sides
from workloads.wire.frames import Value

ANEW: int = 3
"""Steps after a knob was turned that are not measured: the first of another shape is prepared for."""


class Training:
    """Runs a recipe."""

    def __init__(self, run: Run, recipe: Recipe) -> None:
        self._run = run
        self._clock: StepClock = step_clock(run.device, run.recorder)
        self._called = share_model(run, recipe.model, recipe.blocks, self._clock)
        self._optimizer = recipe.optimizer(recipe.model)
        self._steps = self._steps_of(recipe)

    @property
    def recipe(self) -> Recipe:
        """The present one."""
        return self._steps.recipe

    def warm_up(self, steps: int) -> None:
        """So many steps, unless the order says otherwise, timed and then undone."""
        before = Kept(self.recipe.model, self._optimizer, self._run.device)
        self._run.phase("warmup")
        self._clock.begin()
        compiled = self.recipe.compiled
        length = Length(self._run, max(self._run.warmup_steps(steps), 1 if compiled else 0), None)
        length.begin()
        while not length.over():
            long = heartbeat(self._run.log, "compiling" if compiled else "the first step")
            with nullcontext() if length.done else long:
                length.done += 1
                self._steps.step()
        self._clock.drain()
        before.put_back()
        self.recipe.batches.restart()

    def measure(
        self, length: Length, *, every: int, name: Callable[[int], str | None], evaluate: Callable[[int], None] | None
    ) -> None:
        """Train for that length, with a look at held-out data after `every` steps and at the end, if there is any.

        `name` says of a number of steps done where the training is, and `evaluate` is given that number.
        """
        asked = self._run.orders.asked
        while not length.over():
            self._run.phase("measure", name(length.done))
            length.begin()
            self._clock.begin()
            until = length.done + every
            while length.done < until and not length.over():
                if asked and until - length.done >= min(every, steps_of(asked[0])):
                    self._attend(length, until, name)
                    continue
                length.done += 1
                self._steps.step()
            self._clock.drain()
            length.over()  # at an edge between two looks too, all ranks must know of a stop before they go on
            length.pause()
            if evaluate is not None and not self._run.stopping:
                self._run.phase("evaluate", name(length.done - 1))
                if is_sharded(self._run) or self._run.rank == 0:
                    self.recipe.model.eval()
                    with self._run.event("evaluation"):
                        evaluate(length.done)
                    self.recipe.model.train()
        self._run.phase("cooldown")  # what is done with the weights now is no training

    def make(self, length: Length) -> None:
        """Train on: these steps are the run's own."""
        self._steps.make(length)

    def sides(self, experiment: str) -> AbstractContextManager[Sides]:
        """An experiment on this model, undone at its end."""
        return sides(self._run, self.recipe, experiment, self._optimizer, self._steps_of)

    def turn(self, name: str, value: Value) -> None:
        """Train with another setting from here on. Raises ValueError."""
        self._steps = self._steps_of(changed_recipe(self.recipe, name, value))

    def _attend(self, length: Length, until: int, name: Callable[[int], str | None]) -> None:
        """Do what was asked for, between two steps, and go on measuring."""
        self._clock.drain()
        length.pause()
        mark = attend(self._run, self, length, until - length.done)
        # Batches that other processes have made ready meanwhile would make the run look faster than it is.
        few = min(ANEW if mark else self.recipe.prefetched, until - length.done)
        few = few if length.left is None else min(few, length.left)
        if few > 0:
            self._run.phase("warmup", mark or "what was made ready meanwhile is used up")
            with heartbeat(self._run.log, "the first steps"):
                self._steps.make(Length(self._run, few, None))
            length.done += few
        self._run.phase("measure", mark or name(length.done))
        length.begin()
        self._clock.begin()

    def _steps_of(self, recipe: Recipe, kind: type[Steps] = Steps) -> Steps:
        return kind(recipe, self._called, self._optimizer, self._clock, self._run.device)
