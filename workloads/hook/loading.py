"""What the script waits for its DataLoaders, and how many samples a batch has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

SHORT_NS, SELDOM = 1_000_000, 0xF00
"""Who computes while such a short wait goes on is looked at where these bits of the clock are 0, in one of 16: the
clock of a processor costs a call of the kernel."""
BEFORE = f"""
_benchtop_loop.loading = True
_benchtop_at = _benchtop_clock()
_benchtop_cpu = None if _benchtop_at & {SELDOM} and not _benchtop_waits.are_long else _benchtop_processor()
"""
BEHIND = """
_benchtop_now = _benchtop_clock()
_benchtop_loop.loading = False
_benchtop_one = _benchtop_result[0] if type(_benchtop_result) is _benchtop_list and _benchtop_result else None
_benchtop_shape = _benchtop_one.shape if type(_benchtop_one) is _benchtop_tensor and _benchtop_cpu is None else ()
if _benchtop_shape and _benchtop_shape[0] and not _benchtop_notes.prompt:
    _benchtop_note((_benchtop_loaded, _benchtop_at, _benchtop_now, _benchtop_shape[0]))
    _benchtop_notes.fed = True
else:
    _benchtop_done(_benchtop_at, _benchtop_now, _benchtop_cpu, self, _benchtop_result)
"""
"""Of `__next__`. A list of tensors, as nearly every DataLoader gives, is looked at without a call."""


def listen(here: Listening) -> None:
    """Hear of every batch, and of every iterator that is made: its workers are started then."""
    loop, torch = here.loop, here.torch
    clock, waits, processor = loop.clock, loop.waits, time.thread_time_ns
    notes, note, loaded, catch_up = here.notes, here.notes.add, loop.loaded, here.catch_up
    tensor, learns = torch.Tensor, torch.is_grad_enabled
    module = torch.utils.data.dataloader

    def look(before: int, took: int, iterator: Any) -> None:
        waits.add(took, processor() - before, getattr(iterator, "_num_workers", 0), learns())
        waits.are_long = took > SHORT_NS

    def next_done(at: int, now: int, before: int | None, iterator: Any, batch: Any) -> None:
        try:
            if before is not None:
                look(before, now - at, iterator)
            first = batch[0] if type(batch) is list and batch else batch
            shape = first.shape if type(first) is tensor else ()
            samples = shape[0] if shape else size(batch, tensor)
            note((loaded, at, now, samples))
            notes.fed = samples > 0
            if notes.prompt:
                catch_up()
        except Exception as error:
            here.failed(error)

    def enter(*_: Any) -> Any:
        if loop.loading:
            return None
        loop.loading = True
        return clock()

    def iter_done(at: int, _: Any) -> None:
        loop.loading = False
        note((loaded, at, clock(), 0))
        if notes.prompt:
            catch_up()

    here.patches.within(
        module._BaseDataLoaderIter,
        "__next__",
        BEFORE,
        BEHIND,
        unless="_benchtop_loop.loading",
        _benchtop_loop=loop,
        _benchtop_waits=waits,
        _benchtop_clock=clock,
        _benchtop_processor=processor,
        _benchtop_list=list,
        _benchtop_tensor=tensor,
        _benchtop_notes=notes,
        _benchtop_note=note,
        _benchtop_loaded=loaded,
        _benchtop_done=next_done,
    )
    here.patches.around(module.DataLoader, "__iter__", enter, iter_done)


def size(batch: Any, tensor: Any, depth: int = 3) -> int:
    """Samples in a batch: the first dimension of its first tensor; 1 where there is none, 0 of None."""
    if isinstance(batch, tensor):
        return batch.size(0) if batch.dim() else 1
    if batch is None:
        return 0
    if depth and isinstance(batch, (list, tuple)) and batch:
        return size(batch[0], tensor, depth - 1) if not isinstance(batch[0], (str, bytes)) else len(batch)
    if depth and isinstance(batch, Mapping) and batch:
        return size(next(iter(batch.values())), tensor, depth - 1)
    return 1
