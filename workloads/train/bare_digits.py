"""The bare loop: the same training without benchtop, to measure what benchtop costs.

    python -P -m workloads.train.bare_digits --epochs 5 --batch 64 --width 48 --threads 2 --seed 0

Same net, data, order, warm-up, evaluation and process settings as train/digits on the CPU, but no clock
inside a step, no recorder and no frames. Prints one JSON object: samples, seconds and samples_per_s of
training, evaluation left out of both.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it

from workloads.catalog import complete, find_workload
from workloads.data.digits import split_digits
from workloads.device import use_precision
from workloads.timing import steady
from workloads.train.batches import Batches
from workloads.train.digits import WARMUP, count_correct
from workloads.train.digits_net import DigitsNet, build_net, build_optimizer

CPU = torch.device("cpu")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and print."""
    given = _parser().parse_args(arguments)
    if given.threads:
        torch.set_num_threads(given.threads)
    result = train(given.epochs, given.batch, given.width, given.seed)
    print(json.dumps(result))


def train(epochs: int, batch: int, width: int, seed: int) -> dict[str, float]:
    """The loop. Gives what is printed."""
    digits = split_digits(seed)
    autocast = use_precision("float32", CPU)
    net = build_net(width, CPU, seed=seed)
    optimizer = build_optimizer(net, _default("learning_rate"))
    batches = Batches(digits.training, batch, seed=seed, device=CPU)
    samples, seconds = 0, 0.0
    with steady():
        _steps(net, optimizer, batches, WARMUP["cpu"], 0)
        for epoch in range(1, epochs + 1):
            began = time.monotonic_ns()
            _steps(net, optimizer, batches, batches.per_epoch, epoch)
            seconds += (time.monotonic_ns() - began) * 1e-9
            samples += batches.per_epoch * batch
            net.eval()
            count_correct(net, digits.held_out, CPU, autocast)
            net.train()
    return {"samples": samples, "seconds": seconds, "samples_per_s": samples / seconds}


def _steps(net: DigitsNet, optimizer: torch.optim.Optimizer, batches: Batches, count: int, epoch: int) -> None:
    batches.shuffle(epoch)
    for step in range(count):
        pixels, labels = batches.gather(step % batches.per_epoch)
        F.cross_entropy(net(pixels), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="train/digits on the CPU without benchtop")
    for name in ("epochs", "batch", "width"):
        parser.add_argument(f"--{name}", type=int, default=int(_default(name)))
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _default(name: str) -> float:
    return float(complete(find_workload("train/digits"), {}, "cpu")[name])


if __name__ == "__main__":
    main()
