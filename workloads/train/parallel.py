"""How several ranks train one model: whole on each with its gradients averaged, or sharded among them.

`ddp` is DistributedDataParallel: every rank has all weights, and gradients are reduced in buckets while backward
still goes on. `fsdp` is fully_shard: every rank has a part of weights, gradients and optimizer, and gathers a
block's weights when it needs them. Both average the gradients, so the batch of a step is that of all ranks.

How long a step waits for the others is measured with ddp alone: from the instant at which its last bucket is
ready, when backward itself has nothing more to do, to the end of backward. What is reduced before that is hidden
behind work and costs nothing. fsdp waits in many places of forward and backward alike, which no mark tells from
work; there the time is not known, and absent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.nn.parallel import DistributedDataParallel

from workloads.run import Run
from workloads.timing import StepClock


def is_sharded(run: Run) -> bool:
    """Whether every rank holds a part of the weights only, so that all must take part in whatever needs them."""
    return run.ranks > 1 and run.text("shard") == "fsdp"


def share_model(run: Run, model: nn.Module, blocks: Iterable[nn.Module], clock: StepClock) -> nn.Module:
    """The module to call for a loss: the model itself, or what averages its gradients over the ranks."""
    if run.ranks == 1:
        return model
    if is_sharded(run):
        return _shard(run, model, blocks)
    devices = [run.device.index] if run.device.type == "cuda" else None
    shared = DistributedDataParallel(model, device_ids=devices, gradient_as_bucket_view=True)
    # torch reads a hook's annotations and does not know them as text, so it is shown a function without.
    shared.register_comm_hook(clock, lambda clock, bucket: _reduce(clock, bucket))  # noqa: PLW0108
    return shared


def _shard(run: Run, model: nn.Module, blocks: Iterable[nn.Module]) -> nn.Module:
    # A second of importing that only those who shard their weights have to wait for.
    from torch.distributed.device_mesh import init_device_mesh  # noqa: PLC0415
    from torch.distributed.fsdp import fully_shard  # noqa: PLC0415

    mesh = init_device_mesh(run.device.type, (run.ranks,))
    model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # fully_shard takes no other
    for block in blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)
    return model


def _reduce(
    clock: StepClock,
    bucket: distributed.GradBucket,  # type: ignore[name-defined]  # torch exports it, unsaid
) -> torch.futures.Future[torch.Tensor]:
    """Average a bucket, and tell the clock when it is the last.

    Called by autograd while the loop's thread waits in backward, on the stream of backward: what is put there
    comes after the work that made the gradients, and before the reduction, which has a stream of its own.
    """
    if bucket.is_last():
        clock.communicates()
    world = distributed.group.WORLD
    assert world is not None
    return allreduce_hook(world, bucket)


def synchronise(called: nn.Module, *, last: bool) -> AbstractContextManager[None]:
    """Forward and backward of one part of a batch; gradients are reduced with the last part alone."""
    if isinstance(called, DistributedDataParallel):
        return contextlib.nullcontext() if last else called.no_sync()
    sharded: Any = called
    if hasattr(sharded, "set_requires_gradient_sync"):
        sharded.set_requires_gradient_sync(last)
        sharded.set_is_last_backward(last)
    return contextlib.nullcontext()


def whole_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """The model's weights and statistics; sharded ones are gathered, so every rank must ask."""
    state: dict[str, torch.Tensor] = model.state_dict()
    return {name: value.full_tensor() if hasattr(value, "full_tensor") else value for name, value in state.items()}


def local(tensor: torch.Tensor) -> torch.Tensor:
    """What this rank has of a tensor; the same memory."""
    part: torch.Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return part
