"""From an order to a run: device, threads, other ranks and parameters are settled here, before a workload is built.

The first file of a worker that imports torch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import torch
from torch import distributed

from workloads.agreement import Agreement, agree
from workloads.catalog import DeviceKind, WorkloadEntry, complete
from workloads.device import choose_device
from workloads.fingerprint import hello, without_torch
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.run import Run
from workloads.torch_facts import with_torch
from workloads.trying.attend import refuse_rest
from workloads.wire.commands import Start
from workloads.wire.frames import Value
from workloads.world import local_rank, local_world_size, world_size

_AUTO: Final = "auto"
_PATIENCE: Final = timedelta(days=1)
"""Of a collective: a rank that died is seen by the launcher, and one that is slow is a person's to judge."""


def prepare(order: Start, entry: WorkloadEntry, recorder: Recorder, orders: Orders) -> Run:
    """The run that was ordered; a second Hello says what only torch knows.

    Raises ValueError for a parameter that is not allowed, and NoCuda.
    """
    wanted = str(complete(entry, order.parameters, "cpu")["device"])
    if world_size() == 1:
        device, why_not = choose_device(wanted)
    else:
        device, _ = choose_device(_of_this_rank(wanted))
        why_not = "torch sees no GPU"
    if device.type == "cuda":
        torch.cuda.set_device(device)  # events and streams are those of the current device
    kind: DeviceKind = "cuda" if device.type == "cuda" else "cpu"
    parameters = complete(entry, order.parameters, kind)
    parameters["threads"] = _use_threads(parameters["threads"])
    agreement = _join_ranks(device) if world_size() > 1 else None
    run = Run(order, entry, parameters, device, recorder, orders, agreement)
    if wanted == _AUTO and why_not and device.type == "cpu":
        run.log(f"on the CPU: {why_not}")
    recorder.frame(hello(with_torch(without_torch())))
    return run


def finish(run: Run) -> None:
    """The workload is done: nothing can be asked of it any more. Leave the other ranks, all at once."""
    refuse_rest(run)
    if run.agreement is not None:
        run.agreement.meet()
        distributed.destroy_process_group()


def _of_this_rank(wanted: str) -> str:
    """The device of one rank of several: a GPU of its own. All ranks must come to the same kind of device.

    So `auto` looks at how many GPUs there are and tries none: a rank that finds its own missing or broken has
    failed, for the others will wait for it on theirs.
    """
    if wanted == "cpu" or (wanted == _AUTO and torch.cuda.device_count() == 0):
        return "cpu"
    if ":" in wanted:
        raise ValueError(f"device={wanted} is one GPU, and each of the {world_size()} ranks needs one: device=cuda")
    return f"cuda:{local_rank()}"


def _join_ranks(device: torch.device) -> Agreement:
    """Make the process group of all ranks."""
    if device.type == "cuda":
        distributed.init_process_group("nccl", device_id=device, timeout=_PATIENCE)
    else:
        distributed.init_process_group("gloo", timeout=_PATIENCE)
    return agree(device)


def _use_threads(wanted: Value) -> int:
    """Set torch's threads; 0 leaves them to torch, shared among the ranks of this host. Gives how many there are."""
    if int(wanted) > 0:
        torch.set_num_threads(int(wanted))
    elif local_world_size() > 1:
        torch.set_num_threads(max(1, torch.get_num_threads() // local_world_size()))
    return torch.get_num_threads()
