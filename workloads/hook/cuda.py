"""What there is to hear on CUDA, from the moment at which the script starts it; the hook itself never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import copies
from .device_ends import DeviceEnds
from .gpu_name import gpu_name

if TYPE_CHECKING:
    from .listening import Listening


def listen(here: Listening) -> None:
    """Begin once CUDA is started."""
    torch = here.torch
    if torch.version.cuda is None:
        return
    started = here.guarded(lambda: copies.listen(here))
    torch.cuda._lazy_call(started)
    _graphs(here)
    _emptied(here)
    allocator = _Allocator(here)
    here.line.every_second.append(here.guarded(allocator.tell))
    here.line.every_tick.append(allocator.ask)
    here.line.every_tick.append(here.guarded(lambda: here.loop.ends and here.loop.ends.poll()))
    here.loop.on_device = lambda: DeviceEnds(torch, here.line, here.loop.clock)


def _graphs(here: Listening) -> None:
    """CUDA graphs: what is captured does not happen then, and while one is, nobody may ask events."""
    loop, graph = here.loop, here.torch.cuda.CUDAGraph

    def begins(self: Any, *_: Any, **__: Any) -> Any:
        here.uncount()
        here.notes.catch_up()
        loop.capturing, here.notes.prompt = id(self), True
        if loop.ends is not None:
            loop.ends.hold()
        return True

    def ended(*_: Any) -> None:
        here.notes.catch_up()
        loop.capturing = None
        if loop.ends is not None:
            loop.ends.go_on()

    def nothing(*_: Any) -> None:
        pass

    here.patches.around(graph, "capture_begin", here.guarded(begins), here.guarded(nothing))
    here.patches.around(graph, "capture_end", here.guarded(lambda *_: True), here.guarded(ended))
    here.patches.around(
        graph, "replay", here.guarded(id), here.guarded(lambda at, _: here.notes.at_once(loop.replayed, at))
    )


def _emptied(here: Listening) -> None:
    """Cached memory that the script gives back by hand: it waits for the device, and has a name of its own."""
    loop, clock, torch = here.loop, here.loop.clock, here.torch
    within = [False]

    def begins(*_: Any, **__: Any) -> Any:
        if within[0] or not here.on or loop.ends is None:
            return None
        within[0] = True
        return clock()

    def ended(began: int, _: Any) -> None:
        within[0] = False
        took = clock() - began
        loop.emptied_ns += took
        loop.waits.emptied_ns += took

    for owner in (torch.cuda, getattr(torch, "accelerator", None)):
        memory = getattr(owner, "memory", None)
        if memory is not None and "empty_cache" in vars(memory):
            real = memory.empty_cache
            here.patches.around(memory, "empty_cache", begins, ended)
            if getattr(owner, "empty_cache", None) is real:
                here.patches.put(owner, "empty_cache", memory.empty_cache)


class _Allocator:
    """Readings of torch's caching allocator on the model's device, once a second.

    What tensors take goes up and down within each step, and readings now and then can meet it a little later in each:
    then nothing grows but seems to. So what is left at the end of a step is told as well, as often as rows are sent.
    """

    def __init__(self, here: Listening) -> None:
        self._here = here
        self._retries: int | None = None
        self._names: dict[int, str] = {}
        self._kept = here.guarded(self._tell_kept)

    def ask(self) -> None:
        """Have the script's thread tell what is left, at the end of its step."""
        ends = self._here.loop.ends
        if ends is not None:
            ends.at_step = self._kept

    def _tell_kept(self, now: int) -> None:
        here = self._here
        index = here.loop.known[0].index or 0
        allocated = here.torch.cuda.memory_stats_as_nested_dict(index).get("allocated_bytes")
        if allocated:
            readings = {"torch_kept_bytes": float(allocated["all"]["current"])}
            here.line.put({"kind": "gauges", "at_ns": now, "device": self._name(index), "readings": readings})

    def tell(self) -> None:
        here = self._here
        known, torch = here.loop.known, here.torch
        if known is None or known[0].type != "cuda" or not torch.cuda.is_initialized():
            return
        index = known[0].index or 0
        stats: dict[str, Any] = torch.cuda.memory_stats(index)
        now = here.loop.clock()
        names = {
            "torch_allocated_bytes": "allocated_bytes.all.current",
            "torch_reserved_bytes": "reserved_bytes.all.current",
            "torch_retries": "num_alloc_retries",
            "torch_device_mallocs": "num_device_alloc",
        }
        readings = {name: float(stats[key]) for name, key in names.items() if key in stats}
        here.line.put({"kind": "gauges", "at_ns": now, "device": self._name(index), "readings": readings})
        retries = int(stats.get("num_alloc_retries", 0))
        if self._retries is not None and retries > self._retries:
            here.loop.event("allocator-retry", now, 0, f"{retries - self._retries} in the last second")
        self._retries = retries

    def _name(self, index: int) -> str:
        if index not in self._names:
            uuid = getattr(self._here.torch.cuda.get_device_properties(index), "uuid", "")
            self._names[index] = gpu_name(index, str(uuid))
        return self._names[index]
