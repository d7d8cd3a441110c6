"""Counts once what a step is: its operators, and their floating-point operations and bytes.

It is an early step, in the warm-up (in a phase of its own, `profile`, where that is over), and the mode that counts is
on for that step alone. Nothing is counted where it could change anything: where something is compiled, captured as a
CUDA graph or scripted, where another mode is on, or where tensors are of a type of somebody's own.
"""

from __future__ import annotations

import _thread
import functools
import sys
from typing import TYPE_CHECKING, Any

from .counter import counter
from .patches import Patches

if TYPE_CHECKING:
    from .listening import Listening

COUNTS = 2
"""Steps before the one that is counted: the script's modules are looked for in the second."""
TRIES = 5
"""Steps that are tried: one with an evaluation in it is none like the others."""


class Counting:
    """One count, of one process."""

    def __init__(self, here: Listening) -> None:
        self._here = here
        self._mode: Any = None
        """That is on, in the thread `_thread`."""
        self._thread = 0
        self._phase = ""
        """That goes on behind it, where the step is in a phase of its own."""
        self._roots: dict[int, Any] | None = None
        """The script's modules, from when they are looked for until the count begins."""
        self._tries = 0
        self._patches = Patches()
        self._spoilt = False
        self.ending = False
        """Somebody wants to have its place: it shall end at the end of this step."""

    @property
    def on(self) -> bool:
        """Whether a mode is on."""
        return self._mode is not None

    def step(self, now: int) -> bool:
        """A step ended → whether it is over."""
        loop = self._here.loop
        if self._mode is not None:
            return self._ended(now)
        self._resume()
        if self.ending or not self._possible():
            self._give_back_roots()
            return True
        if self._roots is None:
            self._roots = loop.roots = {}
        elif loop.steps >= COUNTS:
            self._begin()
        return False

    def spoil(self) -> None:
        """Something is in this step that belongs to no step."""
        self._spoilt = True

    def leave(self) -> None:
        """Nothing more is counted, and the mode goes away now, where it can. Not within a backward."""
        self.ending = self._spoilt = True
        if self._mode is not None:
            self._mode.over = True
        if self._mode is not None and not self._here.loop.in_backward:
            self._off()

    def cannot(self, _reason: str) -> None:
        """It failed, or may not be: nobody has asked for it, so nobody is told."""
        self._give_back_roots()
        self.leave()

    def _possible(self) -> bool:
        torch, loop = self._here.torch, self._here.loop
        busy = loop.roots is not self._roots or loop.capturing is not None
        return not (busy or loop.compiled or _compiles() or _is_watched(torch)) and self._is_plain()

    def _is_plain(self) -> bool:
        """Whether the script's modules are torch's own kind of modules, with its own kind of tensors."""
        torch = self._here.torch
        plain = (torch.Tensor, torch.nn.Parameter)
        others = (torch.jit.ScriptModule, torch.nn.DataParallel)
        roots = (self._roots or {}).values()
        return not any(isinstance(module, others) for root in roots for module in root.modules()) and all(
            type(parameter) in plain for root in roots for parameter in root.parameters()
        )

    def _begin(self) -> None:
        self._give_back_roots()
        mode = counter(self._here.torch)
        self._watch()
        loop = self._here.loop
        self._phase = "" if loop.phase == "warmup" else loop.phase
        if self._phase:
            loop.resume("profile")
        self._spoilt = False
        self._thread = _thread.get_ident()
        self._mode = mode
        self._here.tracebacks = mode.tracebacks
        mode.__enter__()

    def _watch(self) -> None:
        """See what the script enters meanwhile.

        Inference mode puts back what was on when it was entered, so this mode is never on across its beginning or end.
        Together with autocast it ends the count: what an operator is made of would not be cast. So does compiling.
        `ctc_loss` gives the device's kernel lengths as they are where a mode is on, and as numbers where none is: on
        CUDA lengths on the host, which are usual, would then be an error.
        """
        torch = self._here.torch
        autocast, inference, compiles = torch.autocast, torch.inference_mode, torch.compile
        casts = autocast.__enter__

        @functools.wraps(casts)
        def cast(context: Any) -> Any:
            result = casts(context)
            if torch.is_inference_mode_enabled() and self._thread == _thread.get_ident():
                self.leave()
            return result

        @functools.wraps(compiles)
        def compiled(*args: Any, **kwargs: Any) -> Any:
            self.leave()
            return compiles(*args, **kwargs)

        if "ctc_loss" in vars(torch):
            self._patches.put(torch, "ctc_loss", self._aside_for(torch.ctc_loss, whole=False))
        self._patches.put(autocast, "__enter__", cast)
        self._patches.put(torch, "compile", compiled)
        for name in ("__enter__", "__exit__"):
            self._patches.put(inference, name, self._aside_for(getattr(inference, name)))

    def _aside_for(self, real: Any, *, whole: bool = True) -> Any:
        """A function around which the mode is not on. `whole`: nothing in it counts, so that nothing is missed."""

        @functools.wraps(real)
        def method(*args: Any, **kwargs: Any) -> Any:
            mode = self._mode
            aside = mode is not None and self._is_above()
            if aside:
                mode.unknown = mode.unknown or not whole
                mode.__exit__(None, None, None)
            try:
                return real(*args, **kwargs)
            finally:
                if aside:
                    mode.__enter__()
                    if _casts_unseen(self._here.torch):
                        self.leave()

        return method

    def _ended(self, now: int) -> bool:
        mode = self._mode
        self._tries += 1
        if not self._off():
            # A step of another thread, or a mode of the script's is on beside this one: no step that can be told of.
            self.ending = self._spoilt = True
            return self._tries > TRIES
        self._resume()
        if self._spoilt and not self.ending and self._tries < TRIES and self._possible():
            self._begin()
            return False
        if not self._spoilt and not mode.failed:
            self._tell(mode, now)
        return True

    def _resume(self) -> None:
        """The phase of its own is over, where there was one."""
        if self._phase:
            self._here.loop.resume(self._phase)
            self._phase = ""

    def _off(self) -> bool:
        """The mode goes away → whether it could."""
        mode = self._mode
        if not self._is_above():
            mode.over = True
            return False
        self._patches.back()
        mode.tracebacks.back()
        self._mode = self._here.tracebacks = None
        mode.__exit__(None, None, None)
        return True

    def _is_above(self) -> bool:
        """Whether this is the mode's thread, and it is above all others."""
        c = self._here.torch._C
        count = c._len_torch_dispatch_stack()
        return bool(self._thread == _thread.get_ident() and count and c._get_dispatch_stack_at(count - 1) is self._mode)

    def _give_back_roots(self) -> None:
        if self._roots is not None and self._here.loop.roots is self._roots:
            self._here.loop.roots = None
        self._roots = None

    def _tell(self, mode: Any, now: int) -> None:
        if not mode.operators:
            return
        torch, flops = self._here.torch, dict(mode.flops)
        main = max(flops, key=lambda kind: flops[kind], default=None)
        header = {
            "kind": "work",
            "at_ns": now,
            "samples": self._here.loop.last_samples,
            "operators": mode.operators,
            "bytes": mode.bytes,
            "flops": None if mode.unknown else sum(flops.values()),
            "precision": None if main is None else _precision(torch, main, self._here.loop.known),
        }
        self._here.loop.tell(header)


def _compiles() -> bool:
    """Whether the script has a compiled function, be it called or not."""
    module = sys.modules.get("torch._dynamo.eval_frame")
    return any(map(callable, getattr(module, "cached_backends", {}).values()))


def _is_watched(torch: Any) -> bool:
    """Whether operators are not simply done now: something else is on, or writes them down."""
    c = torch._C
    if c._len_torch_dispatch_stack() or c._get_tracing_state() is not None:
        return True
    if _casts_unseen(torch):
        return True
    started = torch.version.cuda is not None and torch.cuda.is_initialized()
    return bool(started and torch.cuda.is_current_stream_capturing())


def _casts_unseen(torch: Any) -> bool:
    """Whether what an operator is made of is cast, and comes to a mode behind that: it would not be cast then."""
    casts = torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")
    return bool(casts and torch.is_inference_mode_enabled())


def _precision(torch: Any, kind: Any, known: Any) -> str | None:
    """Of products of numbers of that type; None: it cannot be told."""
    name = str(kind).replace("torch.", "")
    if name == "float32" and known is not None and known[0].type == "cuda":
        try:
            return "float32" if torch.get_float32_matmul_precision() == "highest" else "tf32"
        except RuntimeError:  # the script has used both of torch's ways to set it
            return None
    return name
