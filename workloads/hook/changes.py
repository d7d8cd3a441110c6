"""What an experiment changes in the script, and takes back: one class for each experiment."""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING, Any

from .loading import size
from .patches import Patches

if TYPE_CHECKING:
    from .listening import Listening

CUDA_ONLY = "the model is not on CUDA"


class Change:
    """One thing that is different in every second block."""

    def __init__(self, here: Listening) -> None:
        self.here = here
        self.patches = Patches()
        self.on = False
        self.failed = ""
        """Why it has to end."""

    def impossible(self) -> str:
        """One line: why it cannot be tried in this script; empty: it can."""
        return ""

    def prepare(self) -> None:
        """Before the first block."""

    def switch(self, on: bool) -> None:
        """From here on it is changed, or as it was."""
        self.on = on

    def remove(self) -> None:
        """Behind the last block. May come without `prepare`."""
        self.patches.back()

    def _on_cuda(self) -> bool:
        return self.here.loop.ends is not None


class ResidentBatch(Change):
    """Every DataLoader hands out its last batch again and again."""

    def impossible(self) -> str:
        return "" if self.here.loop.loads else "the script has no DataLoader"

    def prepare(self) -> None:
        here = self.here
        loop, tensor = here.loop, here.torch.Tensor
        owner = here.torch.utils.data.dataloader._BaseDataLoaderIter
        real = vars(owner)["__next__"]
        data: dict[int, Any] = {}

        def again(iterator: Any) -> Any:
            if self.on and id(iterator) in data:
                began, batch = loop.clock(), data[id(iterator)]
                self.here.notes.at_once(loop.loaded, began, loop.clock(), size(batch, tensor))
                return batch
            batch = real(iterator)
            data[id(iterator)] = batch
            return batch

        self.patches.put(owner, "__next__", again)


class BFloat16(Change):
    """Top-level forwards in autocast; what they return is made float32 again, for what the script does with it."""

    def impossible(self) -> str:
        return "" if self.here.loop.known is not None else "the script has no module"

    def prepare(self) -> None:
        torch, notes, inside = self.here.torch, self.here.notes, self.here.inside
        device = self.here.loop.known[0].type
        module = torch.nn.Module
        real = vars(module)["__call__"]
        tensor, narrow = torch.Tensor, torch.bfloat16

        def wide(value: Any) -> Any:
            if isinstance(value, tensor):
                return value.float() if value.dtype is narrow else value
            if type(value) in (list, tuple):
                return type(value)(wide(each) for each in value)
            if type(value) is dict:
                return {name: wide(each) for name, each in value.items()}
            return value

        def call(self_: Any, *args: Any, **kwargs: Any) -> Any:
            if notes.inside or _thread.get_ident() in inside or not self.on:
                return real(self_, *args, **kwargs)
            try:
                with torch.autocast(device, dtype=narrow):
                    return wide(real(self_, *args, **kwargs))
            except Exception as error:
                self.on, self.failed = False, f"the forward failed in bfloat16: {error!r}"[:300]
                return real(self_, *args, **kwargs)

        self.patches.put(module, "__call__", call)


class TensorFloat32(Change):
    """Products of float32 matrices on tensor cores."""

    def impossible(self) -> str:
        if not self._on_cuda():
            return CUDA_ONLY
        return "" if self.here.torch.get_float32_matmul_precision() == "highest" else "TF32 is on already"

    def switch(self, on: bool) -> None:
        if on or self.on:
            self.here.torch.set_float32_matmul_precision("high" if on else "highest")
        self.on = on


class PinnedCopies(Change):
    """Pageable tensors are pinned before they are copied to the device, and the host does not wait for the copy."""

    def impossible(self) -> str:
        return "" if self._on_cuda() else CUDA_ONLY

    def switch(self, on: bool) -> None:
        self.on = self.here.pins = on


class NoSync(Change):
    """`item` and `float` of a tensor on the device give what they gave in that place of the script before.

    What such a value is used for cannot be known; of one that is only logged, results do not change. Reads that decide
    on shapes or branches (`nonzero`, `bool`, `tolist`, `cpu`) stay as they are.
    """

    def impossible(self) -> str:
        return "" if self._on_cuda() else CUDA_ONLY

    def switch(self, on: bool) -> None:
        self.on = self.here.skips = on


CHANGES: dict[str, type[Change]] = {
    "resident-batch": ResidentBatch,
    "bfloat16": BFloat16,
    "tf32": TensorFloat32,
    "pinned-copies": PinnedCopies,
    "no-sync": NoSync,
}
