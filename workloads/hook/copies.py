"""On CUDA: copies between host and device, and reads that make the host wait for the device.

Nothing of it is there before the script starts CUDA. The methods belong to tensors on the host too, so the first thing
that each does is to see that it need do nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

VALUES = ("item", "__float__")
"""Reads of which an experiment may leave one out: see `changes.NoSync`."""
PLACES = 1_000
READS = ("item", "tolist", "nonzero", "__bool__", "__float__", "__int__", "__index__")
"""Methods of a tensor that need its values on the host."""


def listen(here: Listening) -> None:
    """Hear of copies and reads from now on: CUDA has just been started."""
    tensor = here.torch.Tensor
    for name in READS:
        here.patches.put(tensor, name, _read(here, getattr(tensor, name)))
    for name in ("to", "cpu", "cuda"):
        here.patches.put(tensor, name, _moved(here, getattr(tensor, name)))
    here.patches.put(tensor, "copy_", _copied(here, tensor.copy_))
    _waits(here)


def _named(new: Any, old: Any) -> Any:
    new.__name__, new.__qualname__, new.__doc__ = old.__name__, getattr(old, "__qualname__", ""), old.__doc__
    return new


def _read(here: Listening, real: Callable[..., Any]) -> Any:
    loop, clock = here.loop, here.loop.clock
    plain = (here.torch.Tensor, here.torch.nn.Parameter)
    values: dict[Any, Any] | None = {} if real.__name__ in VALUES else None

    def read(self: Any, *args: Any) -> Any:
        if not self.is_cuda or type(self) not in plain:
            return real(self, *args)
        place = None
        if values is not None and self.is_floating_point():
            caller = sys._getframe(1)
            place = (caller.f_code, caller.f_lasti)
            if here.skips and place in values:
                return values[place]
        began = clock()
        try:
            value = real(self, *args)
        finally:
            loop.sync_ns += clock() - began
            loop.syncs += 1
        if place is not None and values is not None and len(values) < PLACES:
            values[place] = value
        return value

    return _named(read, real)


def _moved(here: Listening, real: Callable[..., Any]) -> Any:
    loop, clock = here.loop, here.loop.clock
    plain = (here.torch.Tensor, here.torch.nn.Parameter)

    def moved(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = clock()
        if here.pins and not self.is_cuda and type(self) in plain and not self.is_pinned():
            result = _pinned(real, self, args, kwargs)
        else:
            result = real(self, *args, **kwargs)
        if result is self or type(self) not in plain:
            return result
        from_device, to_device = self.is_cuda, result.is_cuda
        if from_device != to_device:
            if to_device:
                _sent(loop, self, clock() - began)
            elif not kwargs.get("non_blocking"):
                loop.sync_ns += clock() - began
                loop.syncs += 1
        return result

    return _named(moved, real)


def _pinned(real: Callable[..., Any], tensor: Any, args: Any, kwargs: Any) -> Any:
    """Where it would go to the device, over pinned memory, and nobody waits; else as it was asked for."""
    target = args[0] if args else kwargs.get("device")
    to_device = real.__name__ == "cuda" or "cuda" in str(getattr(target, "device", target))
    if to_device and len(args) < 2:
        return real(tensor.pin_memory(), *args, **{**kwargs, "non_blocking": True})
    return real(tensor, *args, **kwargs)


def _copied(here: Listening, real: Callable[..., Any]) -> Any:
    loop, clock = here.loop, here.loop.clock
    tensor = here.torch.Tensor
    plain = (tensor, here.torch.nn.Parameter)

    def copied(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = clock()
        result = real(self, *args, **kwargs)
        other = args[0] if args else None
        if type(self) in plain and isinstance(other, tensor):
            from_device, to_device = other.is_cuda, self.is_cuda
            if from_device != to_device:
                if to_device:
                    _sent(loop, other, clock() - began)
                elif not (kwargs.get("non_blocking") or args[1:2] == (True,)):
                    loop.sync_ns += clock() - began
                    loop.syncs += 1
        return result

    return _named(copied, real)


def _sent(loop: Any, source: Any, took_ns: int) -> None:
    size = source.numel() * source.element_size()
    loop.h2d_ns += took_ns
    loop.h2d_bytes += size
    if not source.is_pinned():
        loop.pageable_bytes += size


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
