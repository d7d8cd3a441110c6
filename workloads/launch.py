"""From an order to a run: device, threads and parameters are settled here, before a workload is built.

The first file of a worker that imports torch.
"""

from __future__ import annotations

from typing import Final

import torch

from workloads.catalog import DeviceKind, WorkloadEntry, complete
from workloads.device import choose_device
from workloads.fingerprint import hello, without_torch
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.run import Run
from workloads.torch_facts import with_torch
from workloads.wire.commands import Start
from workloads.wire.frames import Value

_AUTO: Final = "auto"


def prepare(order: Start, entry: WorkloadEntry, recorder: Recorder, orders: Orders) -> Run:
    """The run that was ordered; a second Hello says what only torch knows.

    Raises ValueError for a parameter that is not allowed, and NoCuda.
    """
    wanted = str(complete(entry, order.parameters, "cpu")["device"])
    device, why_not = choose_device(wanted)
    if device.type == "cuda":
        torch.cuda.set_device(device)  # events and streams are those of the current device
    kind: DeviceKind = "cuda" if device.type == "cuda" else "cpu"
    parameters = complete(entry, order.parameters, kind)
    parameters["threads"] = _use_threads(parameters["threads"])
    run = Run(order, entry, parameters, device, recorder, orders)
    if wanted == _AUTO and why_not:
        run.log(f"on the CPU: {why_not}")
    recorder.frame(hello(with_torch(without_torch())))
    return run


def _use_threads(wanted: Value) -> int:
    """Set torch's threads, unless 0 leaves them to torch; gives how many there are."""
    if int(wanted) > 0:
        torch.set_num_threads(int(wanted))
    return torch.get_num_threads()
