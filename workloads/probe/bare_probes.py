"""The bare loops of probe/matmul and probe/copy on CUDA, to hold them against torch timed by hand.

    python -P -m workloads.probe.bare_probes matmul
    python -P -m workloads.probe.bare_probes copy

Prints one JSON object: products_per_s, of 8192³ in bfloat16 on random numbers, or copies_per_s, of 2 GiB within the
device's memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import torch

SIZE = 8192
BYTES = 2 * 2**30


@torch.inference_mode()
def main() -> None:
    """Multiply or copy, and print."""
    print(json.dumps({"matmul": multiply, "copy": copy}[sys.argv[1]](torch.device("cuda", 0))))


def multiply(device: torch.device) -> dict[str, float]:
    """torch.mm into the same result, over and over."""
    a, b = (torch.randn(SIZE, SIZE, device=device).to(torch.bfloat16) for _ in range(2))
    product = torch.empty_like(a)
    return {"products_per_s": _per_s(lambda: torch.mm(a, b, out=product), 6_000)}


def copy(device: torch.device) -> dict[str, float]:
    """One buffer into another, over and over."""
    source = torch.empty(BYTES, dtype=torch.uint8, device=device).random_()
    target = torch.empty_like(source)
    return {"copies_per_s": _per_s(lambda: target.copy_(source), 6_000)}


def _per_s(work: Callable[[], object], times: int) -> float:
    for _ in range(times // 25):
        work()
    torch.cuda.synchronize()
    began = time.monotonic_ns()
    for _ in range(times):
        work()
    torch.cuda.synchronize()
    return times / ((time.monotonic_ns() - began) * 1e-9)


if __name__ == "__main__":
    main()
