"""The bare loop: the same training without benchtop, to measure what benchtop costs.

    python -P -m workloads.train.bare_digits --epochs 5 --batch 64 --width 48 --threads 2 --seed 0

`--steps` takes the place of the epochs, as it does for a run.

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
from workloads.data.digits import TRAINING, split_digits
from workloads.device import use_precision
from workloads.timing import steady
from workloads.train.batches import DigitBatches
from workloads.train.digits import WARMUP, count_correct
from workloads.train.digits_net import DigitsNet, build_net, build_optimizer
from workloads.wire.frames import Value

CPU = torch.device("cpu")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and print."""
    given = _parser().parse_args(arguments)
    if given.threads:
        torch.set_num_threads(given.threads)
    steps = given.steps or given.epochs * (TRAINING // given.batch)
    print(json.dumps(train(steps, given.batch, given.width, given.seed)))


def train(steps: int, batch: int, width: int, seed: int) -> dict[str, float]:
    """The loop. Gives what is printed."""
    digits = split_digits(seed)
    autocast = use_precision("float32", CPU)
    net = build_net(width, CPU, seed=seed)
    optimizer = build_optimizer(net, float(_default("learning_rate")))
    batches = DigitBatches(digits.training, batch, seed=seed, device=CPU)
    done, seconds = 0, 0.0
    with steady():
        _steps(net, optimizer, batches, WARMUP["cpu"])
        batches.restart()
        while done < steps:
            count = min(steps - done, batches.per_epoch)
            began = time.monotonic_ns()
            _steps(net, optimizer, batches, count)
            seconds += (time.monotonic_ns() - began) * 1e-9
            done += count
            net.eval()
            count_correct(net, digits.held_out, CPU, autocast)
            net.train()
    return {"samples": done * batch, "seconds": seconds, "samples_per_s": done * batch / seconds}


def _steps(net: DigitsNet, optimizer: torch.optim.Optimizer, batches: DigitBatches, count: int) -> None:
    for _ in range(count):
        pixels, labels = batches.next()
        F.cross_entropy(net(pixels), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="train/digits on the CPU without benchtop")
    for name in ("epochs", "batch", "width"):
        parser.add_argument(f"--{name}", type=int, default=_default(name))
    for name in ("steps", "threads", "seed"):
        parser.add_argument(f"--{name}", type=int, default=0)
    return parser


def _default(name: str) -> Value:
    return complete(find_workload("train/digits"), {}, "cpu")[name]


if __name__ == "__main__":
    main()
