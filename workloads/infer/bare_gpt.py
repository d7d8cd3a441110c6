"""The bare loop of infer/gpt, to measure what benchtop costs.

    python -P -m workloads.infer.bare_gpt --device cuda --size xl --steps 5

Same net, shapes and settings, and every token is brought to the host, but nothing is asked between two steps. `--steps`
counts batches of requests. Prints one JSON object: ttft_ms, from a prompt to its first token, and itl_ms, a decode
step.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

import torch

from workloads.bare import Told, told, wait_for
from workloads.device import DTYPES, use_precision
from workloads.infer.gpt_decoder import Decoder
from workloads.timing import steady
from workloads.train.gpt_net import GPT, size_of

WARMUP = {"cpu": 1, "cuda": 2}


def main(arguments: Sequence[str] | None = None) -> None:
    """Tell and print."""
    print(json.dumps(tell(told("infer/gpt", arguments, steps=5, warmup=WARMUP))))


@torch.inference_mode()
def tell(told: Told) -> dict[str, float]:
    """The loop. Gives what is printed."""
    given, device = told.parameters, told.device
    prompt, new = int(given["prompt"]), int(given["new"])
    use_precision(str(given["precision"]), device)
    torch.manual_seed(told.seed)
    with torch.device(device):
        net = GPT(size_of(str(given["size"]), int(given["vocab"])), prompt + new)
    decoder = Decoder(
        net.to(DTYPES[str(given["precision"])]).eval(),
        batch=int(given["batch"]),
        prompt=prompt,
        length=prompt + new,
        graphs=device.type == "cuda" and given["graphs"] is True,
        compiled=given["compile"] is True,
        fused=given["fused"] is True,
    )
    decoder.prompt.random_(0, 256)

    tokens = torch.empty(decoder.token.shape, dtype=torch.int64, pin_memory=device.type == "cuda")

    def whole() -> None:
        decoder.read()
        tokens.copy_(decoder.token, non_blocking=True)
        for _ in range(new - 1):
            decoder.tell()
            tokens.copy_(decoder.token, non_blocking=True)

    with steady():
        reading, both = (_milliseconds(work, told) for work in (decoder.read, whole))
    return {"ttft_ms": reading, "itl_ms": (both - reading) / max(1, new - 1)}


def _milliseconds(work: Callable[[], object], told: Told) -> float:
    """Of one time, the mean of many."""
    for _ in range(told.warmup):
        work()
    wait_for(told.device)
    began = time.monotonic_ns()
    for _ in range(told.steps):
        work()
    wait_for(told.device)
    return (time.monotonic_ns() - began) * 1e-6 / told.steps


if __name__ == "__main__":
    main()
