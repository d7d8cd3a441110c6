"""probe/copy: how many bytes a second does the memory really move?

A buffer far larger than every cache is copied into another: its size is read once and written once, and
both count. On CUDA it is a copy within device memory; the DRAM counters of the device must agree with it.
On the CPU it is a copy within host memory by torch's threads; a processor that reads a line before it
writes it moves up to half as much again, which no program sees and which is not counted.

A step is `inner` copies, there and back again by turns.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import torch

from workloads.counting import count_work
from workloads.probe.probing import probe
from workloads.run import Run

DURATION_S: Final = 10.0
_MIB: Final = 2**20


@torch.inference_mode()
def run(run: Run) -> None:
    """Copy for as long as was ordered."""
    size, inner = run.integer("size_mib") * _MIB, run.integer("inner")
    check_room(2 * size, free_bytes(run.device))
    # Random bytes: a page of zeros may be one page, and a device may compress what repeats.
    generator = torch.Generator(run.device).manual_seed(run.order.seed)
    first = torch.empty(size, dtype=torch.uint8, device=run.device).random_(generator=generator)
    buffers = [first, torch.zeros_like(first)]

    def copy() -> None:
        buffers[1].copy_(buffers[0])
        buffers.reverse()

    def step() -> None:
        for _ in range(inner):
            copy()

    run.started(count_work(copy, units=1, precision="uint8"))
    probe(run, step, units=inner, duration_s=DURATION_S)


def check_room(needed: int, free: int | None) -> None:
    """Raises ValueError when `needed` is more than 90 % of what is free; None: nobody knows how much is."""
    if free is not None and needed > 0.9 * free:
        fits = max(1, int(0.45 * free) // _MIB)
        raise ValueError(
            f"two buffers of {needed // 2 // _MIB} MiB do not fit into the {free // _MIB} MiB that are free: "
            f"--set size_mib={fits}"
        )


def free_bytes(device: torch.device, facts: Path = Path("/proc/meminfo")) -> int | None:
    """Memory that is free on the device, or that the host can give without swapping."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", facts.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
