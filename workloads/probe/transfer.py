"""probe/transfer: how many bytes a second does the link between host and device really carry?

A buffer in host memory is copied to the device, or one on the device to host memory, by cudaMemcpyAsync. From
pinned memory the device takes the bytes by itself. Pageable memory goes through a pinned buffer of the driver,
which the host fills or empties: that is what `tensor.to("cuda")` costs when nobody pinned anything, and it is the
host that is measured then. A copy to pageable memory makes the host wait, so the device idles between two of
them; all others are queued ahead.

A step moves at least 64 MiB in one direction, so that asking for the time costs nothing. The bytes are random and
each counts once, as it crosses the link once. Small copies are slow because each takes some microseconds to begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Final

import torch

from workloads.probe.copy import free_bytes
from workloads.probe.probing import Case, Step, probe_cases
from workloads.probe.sizes import MIB, size_text, sizes_of
from workloads.run import Run, Work

DURATION_S: Final = 10.0
STEP_BYTES: Final = 64 * MIB


@torch.inference_mode()
def run(run: Run) -> None:
    """Copy by every way that was asked for. Raises ValueError without CUDA, and for sizes that do not fit."""
    if run.device.type != "cuda":
        raise ValueError(f"probe/transfer measures the link to a device, and the run is on {run.device}: it needs CUDA")
    sizes = sizes_of(run.text("sizes_mib"))
    for place in (torch.device("cpu"), run.device):
        _check_room(max(sizes), free_bytes(place), place)
    run.started(Work("uint8", None, None, moves_over="host-link"))
    probe_cases(run, list(_cases(run, sizes)), duration_s=DURATION_S)


def _cases(run: Run, sizes: tuple[int, ...]) -> Iterator[Case]:
    memories = ("pinned", "pageable") if run.text("memory") == "both" else (run.text("memory"),)
    directions = ("to-device", "to-host") if run.text("direction") == "both" else (run.text("direction"),)
    for memory, direction, size in product(memories, directions, sizes):
        yield Case(
            name=f"{memory}, {direction.replace('-', ' ')}, {size_text(size)}",
            build=partial(_build, run, size, pinned=memory == "pinned", to_device=direction == "to-device"),
            units=copies_a_step(size),
            bytes_per_unit=float(size),
        )


def copies_a_step(size: int) -> int:
    """As many copies as move STEP_BYTES, one at least."""
    return max(1, STEP_BYTES // size)


def _build(run: Run, size: int, *, pinned: bool, to_device: bool) -> Step:
    generator = torch.Generator().manual_seed(run.order.seed)
    on_host = torch.empty(size, dtype=torch.uint8, pin_memory=pinned).random_(generator=generator)
    on_device = on_host.to(run.device)
    target, source = (on_device, on_host) if to_device else (on_host, on_device)
    copies = copies_a_step(size)

    def step() -> None:
        for _ in range(copies):
            target.copy_(source, non_blocking=True)

    return step


def _check_room(size: int, free: int | None, place: torch.device) -> None:
    if free is not None and size > 0.9 * free:
        raise ValueError(
            f"a buffer of {size_text(size)} does not fit into the {size_text(free)} that are free on {place}: "
            f"--set sizes_mib={max(1, int(0.9 * free) // MIB)}"
        )
