"""The bare loop of train/gpt, to measure what benchtop costs.

    python -P -m workloads.train.bare_gpt --device cuda --size small --batch 64 --steps 100

Same net, text, order and settings, but no clock inside a step, no recorder, no frames and no held-out text. Prints
one JSON object: samples_per_s and tokens_per_s.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import torch

from workloads.bare import Told, told, wait_for
from workloads.data.text import read_text
from workloads.device import DTYPES, use_precision
from workloads.timing import steady
from workloads.train.gpt import WARMUP, build_adamw
from workloads.train.gpt_net import GPT, loss_of, size_of
from workloads.train.text_batches import TextBatches


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and print."""
    print(json.dumps(train(told("train/gpt", arguments, steps=100, warmup=WARMUP))))


def train(told: Told) -> dict[str, float]:
    """The loop. Gives what is printed."""
    given, device = told.parameters, told.device
    batch, context, parts = (int(given[name]) for name in ("batch", "context", "accumulate"))
    dtype = DTYPES[str(given["precision"])]
    use_precision(str(given["precision"]), device)
    torch.manual_seed(told.seed)
    net = GPT(size_of(str(given["size"]), int(given["vocab"])), context, recompute=given["recompute"] is True)
    net = net.to(device)
    optimizer = build_adamw(net, float(given["learning_rate"]))
    text = read_text(str(given["corpus"]), told.seed)
    batches = TextBatches(text.training, batch, context, seed=told.seed, device=device)

    def loss(windows: torch.Tensor) -> torch.Tensor:
        return loss_of(net, windows, dtype)

    forward = torch.compile(loss, dynamic=False) if given["compile"] is True else loss
    with steady():
        began = time.monotonic_ns()
        for step in range(told.warmup + told.steps):
            if step == told.warmup:
                wait_for(device)
                began = time.monotonic_ns()
            (windows,) = batches.next()
            for part in windows.to(device, non_blocking=True).chunk(parts):
                (forward(part) / parts).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
        wait_for(device)
        seconds = (time.monotonic_ns() - began) * 1e-9
    rate = told.steps * batch / seconds
    return {"samples_per_s": rate, "tokens_per_s": rate * context}


if __name__ == "__main__":
    main()
