"""On CUDA: copies between host and device, and reads that make the host wait for the device.

Nothing of it is there before the script starts CUDA. Reads of tensors on the host stay what they were.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .methods import Methods, Unseen, call_place

if TYPE_CHECKING:
    from .listening import Listening

VALUES = ("item", "__float__")
"""Reads of which an experiment may leave one out: see `changes.NoSync`."""
PLACES = 1_000
READS = ("item", "tolist", "nonzero", "__bool__", "__float__", "__int__", "__index__")
"""Methods of a tensor that need its values on the host."""


def listen(here: Listening, on_device: Callable[[Any], Any] = operator.attrgetter("is_cuda")) -> None:
    """Hear of copies and reads from now on: CUDA has just been started. `on_device` says where a tensor is."""
    Copies(here, on_device)
    _waits(here)


class Copies:
    """What is counted. The script's threads call it, in the middle of their work."""

    def __init__(self, here: Listening, on_device: Callable[[Any], Any]) -> None:
        self._here = here
        self._on_device = on_device
        self._plain = (here.torch.Tensor, here.torch.nn.Parameter)
        self._unseen = Unseen(here.torch)
        here.methods = methods = Methods(here, self._unseen)
        for name in READS:
            methods.hear(name, self._read, on_device)
        methods.hear("cpu", self._moved, on_device)
        methods.hear("to", self._moved)
        methods.hear("cuda", self._moved)
        methods.hear("copy_", self._copied)

    def _read(self, real: Any) -> Callable[..., Any]:
        here, loop, clock, unseen = self._here, self._here.loop, self._here.loop.clock, self._unseen
        values: dict[Any, Any] | None = {} if real.__name__ in VALUES else None
        is_float = operator.methodcaller("is_floating_point")

        def read(tensor: Any, *args: Any) -> Any:
            if unseen.tracing() is not None:
                return real(tensor, *args)
            place = None
            if values is not None and unseen.ask(is_float, tensor):
                place = call_place(1)
                if here.skips and place in values:
                    return values[place]
            began = clock()
            try:
                value = real(tensor, *args)
            finally:
                loop.sync_ns += clock() - began
                loop.syncs += 1
            if place is not None and values is not None and len(values) < PLACES:
                values[place] = value
            return value

        return read

    def _moved(self, real: Any) -> Callable[..., Any]:
        here, clock = self._here, self._here.loop.clock
        method = real.__name__

        def moved(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            began = clock()
            if here.pins and method != "cpu":
                args, kwargs, tensor_ = self._pinned(method, tensor, args, kwargs)
                result = real(tensor_, *args, **kwargs)
            else:
                result = real(tensor, *args, **kwargs)
            if result is not tensor:
                blocking = not (kwargs.get("non_blocking") or next((a for a in args if a is True or a is False), False))
                self._note(tensor, result, clock() - began, blocking)
            return result

        return moved

    def _copied(self, real: Any) -> Callable[..., Any]:
        clock = self._here.loop.clock

        def copied(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            began = clock()
            result = real(tensor, *args, **kwargs)
            source = args[0] if args else kwargs.get("src", kwargs.get("other"))
            blocking = not (kwargs.get("non_blocking") or args[1:2] == (True,))
            self._note(source, tensor, clock() - began, blocking)
            return result

        return copied

    def _note(self, source: Any, target: Any, took_ns: int, blocking: bool) -> None:
        """One was copied to the other, if they are in two places. Never raises."""
        if type(source) in self._plain and type(target) in self._plain and self._unseen.tracing() is None:
            # Of a tensor within vmap, grad or the like not everything can be asked.
            with contextlib.suppress(Exception):
                self._unseen.ask(self._count, source, target, took_ns, blocking)

    def _count(self, source: Any, target: Any, took_ns: int, blocking: bool) -> None:
        loop = self._here.loop
        from_device, to_device = self._on_device(source), self._on_device(target)
        if from_device == to_device:
            return
        if to_device:
            size = source.numel() * source.element_size()
            pageable = self._unseen.operators and not source.is_pinned()
            loop.h2d_ns += took_ns
            loop.h2d_bytes += size
            loop.pageable_bytes += size if pageable else 0
        elif blocking:
            loop.sync_ns += took_ns
            loop.syncs += 1

    def _pinned(self, method: str, tensor: Any, args: Any, kwargs: Any) -> Any:
        """Where it would go to the device, over pinned memory, and nobody waits; else as it was asked for."""
        target = args[0] if args else kwargs.get("device")
        to_device = method == "cuda" or "cuda" in str(getattr(target, "device", target))
        if to_device and len(args) < 2 and self._unseen.operators and not tensor.is_cuda and not tensor.is_pinned():
            return args, {**kwargs, "non_blocking": True}, tensor.pin_memory()
        return args, kwargs, tensor


def _waits(here: Listening) -> None:
    loop, clock, cuda = here.loop, here.loop.clock, here.torch.cuda
    within = [False]

    def enter(*_: Any, **__: Any) -> Any:
        if within[0] or not here.on:
            return None
        within[0] = True
        return clock()

    def leave(began: int, _: Any) -> None:
        within[0] = False
        loop.sync_ns += clock() - began
        loop.syncs += 1

    here.patches.around(cuda, "synchronize", enter, leave)
    for owner in (cuda.Stream, cuda.Event):
        if "synchronize" in vars(owner):
            here.patches.around(owner, "synchronize", enter, leave)
