"""The script's loop: what happens in it, put together into rows of steps and of requests.

A step is from the end of one optimizer step to the end of the next. Where a script has several optimizers, the one
that is stepped last before one comes again ends the step. Where its step is compiled, and is not heard, the first
backward behind a change of the weights does. A loop without an optimizer that calls backward has a step from the end of
one backward to the next; one that does neither is an inference loop, whose top-level forwards are requests.

It is told what happened, and when, by `notes`: often some time after, and in another thread.
"""

from __future__ import annotations

import time
from typing import Any

from .alternating import Alternating
from .boundary import Boundary
from .evaluation import Evaluation
from .line import Line
from .messages import LONGEST_TEXT
from .unheard import Unheard
from .waits import Waits

ANSWERED = 0
WARMUP_STEPS, WARMUP_NS = 5, 10_000_000_000
"""Steps, or time in steps, before what is measured counts: caches, allocator and autotuning settle in the first few."""
NEVER_WARM_STEPS, NEVER_WARM_AT_LEAST = 25, 10
"""After so many (or `WARMUP_NS` and at least so many), a script that still compiles something in every step is not
warming up: this is how it runs. Torch itself gives a function up behind 8 recompilations (`recompile_limit`)."""
WITHOUT_OPTIMIZER = 20
"""Backwards, or forwards with gradients, without an optimizer, before it is believed that there is none."""
GIVEN_UP = 8
"""Steps within the step of another optimizer before it is believed that this one was left by an error."""


class Loop:
    """What was seen since the last step ended. With slots: its attributes are read and written in every step."""

    __slots__ = (
        "_backwards",
        "_by_backward",
        "_compiled_before",
        "_forwards",
        "_graphs",
        "_scaled",
        "_warm_ns",
        "alternating",
        "at_end",
        "backward_ns",
        "began_ns",
        "begun",
        "between_ns",
        "boundary",
        "capturing",
        "clock",
        "comm_ns",
        "compiled",
        "emptied_ns",
        "ends",
        "evaluation",
        "forward_ns",
        "forward_samples",
        "generation",
        "h2d_bytes",
        "h2d_ns",
        "in_backward",
        "inner_ns",
        "known",
        "last_ns",
        "last_samples",
        "line",
        "loading",
        "loads",
        "on_device",
        "open",
        "optimizer_ns",
        "ordered",
        "pageable_bytes",
        "passed",
        "phase",
        "put",
        "root",
        "roots",
        "samples",
        "stepped_in_backward",
        "stepping",
        "steps",
        "sync_ns",
        "syncs",
        "tokens",
        "told_again",
        "trains",
        "unheard",
        "updates",
        "version",
        "wait_ns",
        "waiting_ns",
        "waiting_samples",
        "waiting_since",
        "waits",
        "within",
    )

    def __init__(self, line: Line) -> None:
        self.line = line
        self.put = line.put
        self.waits = Waits()
        self.clock = time.monotonic_ns
        self.open: Any = None
        """Called at the first thing that is seen."""
        self.told_again: Any = None
        """Called once the model is seen, and when it has moved."""
        self.on_device: Any = None
        """Makes what `ends` is, for a model on CUDA."""
        self.version: Any = None
        """How often weights were changed so far; None where that is not known."""
        self.renew()

    def renew(self) -> None:  # noqa: PLR0915 - a line each
        """Nothing was seen yet: in a new process, and in the child of a fork."""
        self.begun = False
        """Whether the line was opened: something was seen."""
        self.known: Any = None
        """(device, dtype) of the model; None: no model was seen yet."""
        self.trains = False
        """An optimizer was made, or backward was called."""
        self.steps = 0
        self.updates = 0
        """Steps of optimizers, the steps within others left out."""
        self.phase = ""
        self.compiled = 0
        """Compilations so far."""
        self.ends: Any = None
        """Tells when the device has done a step's work (CUDA); None: the host does it all."""
        self.comm_ns: int | None = None
        """What a step waits for other ranks (CUDA): see `exchange`."""
        self.boundary, self.unheard = Boundary(), Unheard()
        self.alternating: Alternating | None = None
        """There once an optimizer has stepped that does not end a step."""
        self.evaluation = Evaluation()
        self.at_end: Any = None
        """Called at the end of each step, while it is there: a count, experiments and profiles."""
        self.ordered: Any = None
        """What is to be `at_end` once the loop was told of all that happened until now."""
        self.last_samples = 0
        """Of the last step."""
        self._compiled_before = 0
        self._warm_ns = 0
        self.last_ns = 0
        self.stepping: int | None = None
        self.within = 0
        self.began_ns = 0
        self.inner_ns = 0
        self._backwards = 0
        self._forwards = 0
        self.loading = False
        """A DataLoader makes a batch: modules that are called now transform data, and are no model."""
        self.in_backward: list[int] = []
        """When the backwards began that are under way."""
        self.stepped_in_backward = self._by_backward = False
        """In the backward that is under way; whether the end of a backward ever ended a step."""
        self._scaled: tuple[int, int] = 0, 0
        """When a gradient scaler's step began, and `updates` then."""
        self.loads = False
        self.capturing: int | None = None
        """`id` of the CUDA graph that is being captured: nothing of it happens now."""
        self._graphs: dict[int, int] = {}
        """Graphs with the step of an optimizer in them, and the samples of that step."""
        self.roots: dict[int, Any] | None = None
        """Top-level modules, gathered while an experiment is made ready."""
        self.generation: Any = None
        """A call of `generate` that is under way."""
        self.passed = False
        """Whether a module was ever called: a loss may be made without any."""
        self._clear_device()
        self.clear()

    def clear(self) -> None:
        """A step begins."""
        self.wait_ns = self.samples = self.between_ns = 0
        self.waiting_ns = self.waiting_samples = self.waiting_since = 0
        self.forward_ns = self.backward_ns = self.optimizer_ns = self.forward_samples = 0
        self.root: Any = None
        self.tokens: int | None = None

    def _clear_device(self) -> None:
        self.h2d_ns = self.h2d_bytes = self.pageable_bytes = self.sync_ns = self.syncs = 0
        self.emptied_ns = 0

    # What the listeners tell

    def meet(self, parameter: Any) -> None:
        """A parameter of what may be the model is seen."""
        if parameter is None or self.known == (parameter.device, parameter.dtype):
            return
        self.known = (parameter.device, parameter.dtype)
        if parameter.device.type == "cuda" and self.ends is None and self.on_device is not None:
            self.ends = self.on_device()
        if self.begun and self.told_again is not None:
            self.told_again()

    def loaded(self, began_ns: int, now: int, samples: int) -> None:
        """A batch came from a DataLoader, or its iterator was made (no samples)."""
        if not self.begun:
            self.begin(began_ns)
        self.loads = True
        if not self.waiting_since:
            self.waiting_since = began_ns
        self.waiting_ns += now - began_ns
        self.waiting_samples += samples

    def forward_done(  # noqa: PLR0917 - a note has them in order
        self, began_ns: int, now: int, root: int, samples: int, tokens: int | None, grad: bool, device_ns: int
    ) -> None:
        """A forward of a module that none calls ended; `device_ns`: of copies and the like by then, in this step."""
        self.passed = True
        if not self.begun:
            self.begin(began_ns)
        if self.alternating is not None and self.stepping is None:
            self.alternating.note(root, samples, self.boundary.since)
        if grad:
            self.wait_ns += self.waiting_ns
            self.samples += self.waiting_samples
            self.forward_ns += now - began_ns
            if self.root is None:
                self.root = root
                self._between(began_ns, device_ns)
            if root == self.root:
                self.forward_samples += samples
                if tokens is not None:
                    self.tokens = (self.tokens or 0) + tokens
            self._forwards += 1
            if not self.trains and self._forwards > WITHOUT_OPTIMIZER:
                self.waiting_ns = self.waiting_samples = 0
                self._request(began_ns, now, samples, tokens)
                return
        elif self.trains:
            if self.stepping is not None:
                return
            since_ns = self.waiting_since or began_ns
            self.evaluation.add(since_ns, began_ns, now, self.waiting_ns, self.waiting_samples)
        elif self.generation is not None:
            self._generated(began_ns, now, root, samples)
            return
        else:
            self.wait_ns += self.waiting_ns
            self.forward_ns += now - began_ns
            self._between(began_ns, device_ns)
            self._request(began_ns, now, samples, tokens)
            return
        self.waiting_ns = self.waiting_samples = self.waiting_since = 0

    def generation_begins(self, generation: Any) -> None:
        """A call of `generate` begins."""
        self.generation_ends()
        if not self.begun:
            self.begin(generation.began_ns)
        self.generation = generation

    def generation_ends(self) -> None:
        """It is over."""
        generation, self.generation = self.generation, None
        if generation is None or not generation.root:
            return
        self.wait_ns += self.waiting_ns
        self.samples, self.waiting_samples = generation.sequences, 0
        self.tokens = generation.sequences * generation.passes
        self.line.inference = True
        if self.ends is None:
            self._tell_generation(generation)
        else:
            self.ends.then(lambda: self._tell_generation(generation))
        self.close(self.clock())

    def _generated(self, began_ns: int, now: int, root: int, samples: int) -> None:
        """A forward within a call of `generate`."""
        generation = self.generation
        if not self.begun:
            self.begin(generation.began_ns)
        self.forward_ns += now - began_ns
        if generation.counts(root, samples):
            generation.passes += 1
            if self.ends is None:
                generation.ends.append(now)
            else:
                self.ends.when(generation.ends.append, now)

    def _tell_generation(self, generation: Any) -> None:
        for row in generation.rows(ANSWERED):
            self.line.put(row)

    def evaluates(self, grad: bool) -> bool:
        """Whether a forward that begins now is no part of a training step."""
        return self.trains and not grad and not self.evaluation.is_usual

    def _between(self, began_ns: int, device_ns: int) -> None:
        """The first forward of a step begins: what was between it and the step before, and has no other name."""
        named = self.wait_ns + device_ns + self.evaluation.ended_ns - self.evaluation.began_ns
        self.between_ns = max(0, began_ns - self.last_ns - named) if self.begun else 0

    def backward_begins(self, now: int) -> None:
        """Another one may begin within it."""
        self.in_backward.append(now)

    def backward_done(self, now: int) -> None:
        """The last one that began ended."""
        if not self.in_backward:
            return  # it began before the hook was on
        self.backward_ns += now - self.in_backward.pop()
        if self.stepped_in_backward:
            self.stepped_in_backward = False
            self._by_backward = True
            self.close(now)
        elif self.boundary.ident is None:
            self._backwards += 1
            self.trains = True
            version = self.version() if self.version is not None and not self.updates else None
            if self.unheard.stepped(version) or (self._backwards > WITHOUT_OPTIMIZER and not self.unheard.found):
                self.close(now)

    def optimizer_begins(self, ident: int, now: int) -> None:
        """An optimizer steps; one may do so within another, which is then no step of its own."""
        if self.stepping in (None, ident) or self.within >= GIVEN_UP:
            if not self.begun:
                self.begin(now)
            self.stepping, self.within = ident, 0
            self.inner_ns = self.forward_ns + self.backward_ns
            self.began_ns = now
        else:
            self.within += 1

    def optimizer_done(self, ident: int, now: int) -> None:
        """It has stepped."""
        if ident != self.stepping:
            return
        self.stepping = None
        self.updates += 1
        within = self.forward_ns + self.backward_ns - self.inner_ns
        self.optimizer_ns += now - self.began_ns - within
        if self.in_backward:
            self.stepped_in_backward = True
            self.boundary.ident = self.boundary.ident or ident
        elif self.capturing is not None:
            self._graphs[self.capturing] = self.forward_samples
        else:
            self.trains = True
            if self.boundary.ends_step(ident):
                self.close(now)
            elif self.alternating is None:
                self.alternating = Alternating()

    def scaler_begins(self, now: int) -> None:
        """A gradient scaler is about to have an optimizer step, or to leave that out."""
        self._scaled = now, self.updates

    def scaler_done(self, ident: int, now: int) -> None:
        """Where it was left out, the work of the step was done all the same."""
        began_ns, updates = self._scaled
        if updates == self.updates:
            self.optimizer_ns += now - began_ns
            if ident == self.boundary.ident:
                self.close(now)

    def replayed(self, graph: int) -> None:
        """A CUDA graph was given to the device."""
        samples = self._graphs.get(graph)
        if samples is not None:
            self.forward_samples += samples
            self.close(self.clock())

    # Rows

    @property
    def is_usual(self) -> bool:
        """Whether nothing has to be done as it happens, but for the ends of steps on CUDA, which optimizers make."""
        if self.phase != "measure" or self.known is None or self.generation is not None or not self.line.running:
            return False
        if self.at_end is not None or self.ordered is not None or self.roots is not None:
            return False
        if self.ends is None:
            return self.boundary.ident is not None or (self.line.inference and not self.trains)
        by_optimizer = self.boundary.ident is not None and not self.line.inference and not self._by_backward
        return by_optimizer and self.capturing is None

    def take_order(self) -> None:
        """See `ordered`. For the script's thread."""
        if self.ordered is not None:
            self.at_end, self.ordered = self.ordered, None

    def begin(self, now: int) -> None:
        """The first thing is seen."""
        self.begun = True
        self.last_ns = now
        if self.open is not None:
            self.open()
        self.tell_phase("warmup", now)

    def close(self, now: int) -> None:
        """A step ends."""
        if not self.begun:
            self.begin(now)
        start, self.last_ns = self.last_ns, now
        wall_ns = now - start
        self.waits.between_ns += self.between_ns
        self.waits.stepped_ns += wall_ns
        evaluation = self.evaluation
        evaluation.note_step(self.steps)
        if evaluation.passes:
            if evaluation.is_usual:
                self.forward_ns += evaluation.took_ns
                self.wait_ns += evaluation.wait_ns
                self.samples += evaluation.samples
            else:
                self._tell_evaluation()
            evaluation.clear()
        given = self.forward_samples if self.alternating is None else self.alternating.samples(self.forward_samples)
        self.last_samples = samples = self.samples + self.waiting_samples or given
        wait_ns = self.wait_ns + self.waiting_ns if self.loads else None
        f, b, t = self.forward_ns if self.passed else None, self.backward_ns, self.tokens
        o = None if self.unheard.found else self.optimizer_ns
        if self.ends is None:
            self.put((start, wall_ns, samples, wait_ns, None, f, b, o, None, t, None, None, None, None, None, None))
        else:
            device = (self.comm_ns, self.sync_ns, self.syncs, self.h2d_bytes, self.pageable_bytes, None)
            self.ends.step((start, wall_ns, samples, wait_ns, self.h2d_ns, f, b, o, None, t, *device), now)
            self._clear_device()
        # As `clear` does.
        self.wait_ns = self.samples = self.between_ns = 0
        self.waiting_ns = self.waiting_samples = self.waiting_since = 0
        self.forward_ns = self.backward_ns = self.optimizer_ns = self.forward_samples = 0
        self.root = self.tokens = None
        self.steps += 1
        if self.phase == "warmup":
            self._warm(now, wall_ns)
        if self.at_end is not None:
            self.at_end(now)

    def _request(self, began_ns: int, now: int, samples: int, tokens: int | None) -> None:
        if not self.begun:
            self.begin(began_ns)
        samples = self.samples or self.waiting_samples or samples
        row = [began_ns, began_ns, now, now, samples, ANSWERED, None, tokens, began_ns, None]
        if self.ends is None:
            self.line.put(row)
        else:
            self.ends.request(row, now)
        self.line.inference = True
        self.samples, self.waiting_samples, self.waiting_ns = samples, 0, 0
        self.close(now)

    def _warm(self, now: int, wall_ns: int) -> None:
        self._warm_ns += wall_ns
        settled = self.steps >= WARMUP_STEPS or self._warm_ns >= WARMUP_NS
        compiles = self.compiled != self._compiled_before
        never = self.steps >= (NEVER_WARM_AT_LEAST if self._warm_ns >= WARMUP_NS else NEVER_WARM_STEPS)
        if settled and (never or not compiles):
            if compiles:
                text = f"the warm-up ends after {self.steps} steps although something is compiled in each"
                self.line.put({"kind": "log", "at_ns": now, "level": "info", "text": text})
            self.tell_phase("measure", now)
        self._compiled_before = self.compiled

    def tell_phase(self, phase: str, now: int, *, case: str | None = None, mark: str | None = None) -> None:
        """What comes from here on is of that phase."""
        self.phase = phase
        header = {"kind": "phase", "at_ns": now, "phase": phase, "mark": mark, "case": case}
        self.tell(header)

    def resume(self, phase: str, *, case: str | None = None, mark: str | None = None) -> int:
        """That phase from now on → now; what was done since the last step ended is in no step."""
        self.last_ns = now = self.clock()
        self.clear()
        self._clear_device()
        self.tell_phase(phase, now, case=case, mark=mark)
        return now

    def tell(self, header: dict[str, Any]) -> None:
        """A message that has its place among the rows."""
        if self.ends is None:
            self.line.put(header)
        else:
            self.ends.between(header)

    def event(self, kind: str, at_ns: int, wall_ns: int, text: str) -> None:
        """Something that happens now and then."""
        text = text[:LONGEST_TEXT]
        self.line.put({"kind": "event", "at_ns": at_ns, "event": kind, "wall_ns": wall_ns, "text": text})

    def end(self) -> None:
        """The script ends: tell of an evaluation behind the last step, or of a call that had no end."""
        self.generation_ends()
        if self.evaluation.passes and not self.evaluation.is_usual:
            self._tell_evaluation()
        if self.ends is not None:
            self.ends.poll()

    def _tell_evaluation(self) -> None:
        evaluation = self.evaluation
        self.event("evaluation", evaluation.began_ns, evaluation.ended_ns - evaluation.began_ns, evaluation.text)
