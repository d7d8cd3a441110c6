"""probe/matmul: how many floating-point operations a second does the device really do?

One product of two size×size matrices is 2 × size³ operations, and for large sizes the memory hardly
matters: 8192 in bfloat16 is 2,700 operations for every byte moved. The device's published peak is the
limit that it is held against.

The numbers are random. With zeros the device draws less power, clocks higher and looks faster than it
will ever be with data. A device at its power limit is slower than its peak for the same reason: that is
what is to be seen.

A step is `inner` products, one after the other into the same result, so that asking for the time costs
nothing against the work.
"""

from __future__ import annotations

from typing import Final

import torch

from workloads.counting import count_work
from workloads.device import DTYPES, use_precision
from workloads.probe.probing import Step, probe
from workloads.run import Run

DURATION_S: Final = 10.0


@torch.inference_mode()
def run(run: Run) -> None:
    """Multiply for as long as was ordered."""
    precision, size, inner = run.text("precision"), run.integer("size"), run.integer("inner")
    use_precision(precision, run.device)
    generator = torch.Generator(run.device).manual_seed(run.order.seed)
    a, b = (torch.randn(size, size, generator=generator, device=run.device).to(DTYPES[precision]) for _ in range(2))
    out = torch.empty_like(a)

    def in_precision(name: str) -> Step:
        first, second, result = (matrix.to(DTYPES[name]) for matrix in (a, b, out))

        def step() -> None:
            for _ in range(inner):
                torch.mm(first, second, out=result)

        return step

    run.started(count_work(lambda: torch.mm(a, b, out=out), units=1, precision=precision))
    probe(run, in_precision(precision), units=inner, duration_s=DURATION_S, in_precision=in_precision)
