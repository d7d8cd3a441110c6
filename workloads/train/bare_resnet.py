"""The bare loop: the same training without benchtop, to measure what benchtop costs.

    python -P -m workloads.train.bare_resnet --device cuda --model resnet50 --batch 256 --steps 200

Every parameter of train/resnet is a flag, and so are `--warmup` and `--seed`. Same net, images, order and settings,
but no clock inside a step, no recorder, no frames and no held-out images. Prints one JSON object: samples, seconds
and samples_per_s.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing

from workloads.bare import Told, told, wait_for
from workloads.data.image_input import image_input
from workloads.device import use_precision
from workloads.timing import steady
from workloads.train.resnet import WARMUP, Learner, loss_of
from workloads.train.resnet_net import CLASSES, build_optimizer, build_resnet, search_convolutions


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and print."""
    print(json.dumps(train(told("train/resnet", arguments, steps=100, warmup=WARMUP))))


def train(told: Told) -> dict[str, float]:
    """The loop. Gives what is printed."""
    parameters, device = told.parameters, told.device
    images = image_input(parameters, device, seed=told.seed, classes=CLASSES)
    autocast = use_precision(str(parameters["precision"]), device)
    search_convolutions()
    net = build_resnet(str(parameters["model"]), device, seed=told.seed, classes=images.classes)
    names = ("learning_rate", "momentum", "weight_decay")
    optimizer = build_optimizer(net, **{name: float(parameters[name]) for name in names})
    learner = Learner(net)
    if parameters["compile"] is True:
        learner.compile(dynamic=False)
    with closing(images.training()) as batches, steady():
        began = time.monotonic_ns()
        for step in range(told.warmup + told.steps):
            if step == told.warmup:
                wait_for(device)
                began = time.monotonic_ns()
            pixels, labels = (part.to(device, non_blocking=True) for part in batches.next())
            loss_of(learner, autocast, pixels, labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
        wait_for(device)
        seconds = (time.monotonic_ns() - began) * 1e-9
    samples = told.steps * images.batch
    return {"samples": samples, "seconds": seconds, "samples_per_s": samples / seconds}


if __name__ == "__main__":
    main()
