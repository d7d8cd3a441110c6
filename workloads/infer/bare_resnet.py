"""The bare loop: the same serving without benchtop, to measure what benchtop costs.

    python -P -m workloads.infer.bare_resnet --device cuda --model resnet50 --batch 256 --steps 500

Every parameter of infer/resnet is a flag, and so are `--steps` (batches), `--warmup` and `--seed`. Same net, images
and settings, but no requests, no recorder and no frames. Where all clients fit into a batch, as they do at batch 1,
the host waits for the answers before it asks again; with more it queues batches and waits at the end. Prints one
JSON object: samples, seconds, samples_per_s and, for one client, ms_per_request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import torch

from workloads.bare import Told, told, wait_for
from workloads.data.image_input import image_input
from workloads.device import use_precision
from workloads.infer.classifier import classifier, for_inference
from workloads.infer.resnet import WARMUP
from workloads.timing import steady
from workloads.train.resnet_net import CLASSES, ResNet, build_resnet, search_convolutions
from workloads.train.resnet_weights import load_resnet


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve and print."""
    print(json.dumps(serve(told("infer/resnet", arguments, steps=200, warmup=WARMUP))))


def serve(told: Told) -> dict[str, float]:
    """The loop. Gives what is printed."""
    parameters, device = told.parameters, told.device
    images = image_input(parameters, device, seed=told.seed, classes=CLASSES)
    use_precision(str(parameters["precision"]), device)
    search_convolutions()
    net = for_inference(_net(told), precision=str(parameters["precision"]), fold=parameters["fold"] is True)
    compiled, graph = parameters["compile"] is True, parameters["graphs"] is True
    clients = int(parameters["concurrency"]) or (1 if images.batch == 1 else 2 * images.batch)
    with torch.inference_mode(), closing(images.requests()) as batches, steady():
        classify = classifier(net, images.empty(), compiled=compiled, graph=graph)
        answers = torch.empty(images.batch, dtype=torch.int64, pin_memory=device.type == "cuda")
        began = time.monotonic_ns()
        for step in range(told.warmup + told.steps):
            if step == told.warmup:
                wait_for(device)
                began = time.monotonic_ns()
            answers.copy_(classify(batches.next()[0]), non_blocking=True)
            if clients <= images.batch:
                wait_for(device)
        wait_for(device)
        seconds = (time.monotonic_ns() - began) * 1e-9
    samples = told.steps * images.batch
    result = {"samples": samples, "seconds": seconds, "samples_per_s": samples / seconds}
    return result | ({"ms_per_request": seconds * 1e3 / told.steps} if clients == 1 else {})


def _net(told: Told) -> ResNet:
    weights, device = str(told.parameters["weights"]), told.device
    if weights:
        return load_resnet(Path(weights), device).net
    return build_resnet(str(told.parameters["model"]), device, seed=told.seed, still=False)


if __name__ == "__main__":
    main()
