"""infer/resnet: how promptly does this machine serve one image, and how many a second does it serve at best?

A request is one image. Requests come as `load` says, and are served in batches of up to `max_batch`: see `load`. In
a closed loop one client at batch 1 tells the latency; two batches' worth of clients keep the device busy and tell the
throughput. The net always runs on a whole batch, since its shape was compiled and recorded: where fewer requests wait,
the rest of it is nobody's.

Without weights it serves random ones, which are as fast. Afterwards every held-out image is classified once, where
there are any: with a folder, and weights that were trained on the other images of the same folder.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import torch

from workloads.counting import copy_on_paper, count_on_paper
from workloads.data.image_input import ImageInput, image_input
from workloads.device import use_precision
from workloads.device_clock import RUN_AHEAD
from workloads.heartbeat import heartbeat
from workloads.infer.classifier import classifier, for_inference
from workloads.infer.load.serving import Serving
from workloads.infer.load.settings import settle_load
from workloads.infer.load.trials import Other
from workloads.infer.server import Server
from workloads.infer.ticket import Submit
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.train.accuracy import score_accuracy
from workloads.train.resnet_net import CLASSES, ResNet, build_resnet, search_convolutions
from workloads.train.resnet_weights import ResnetWeights, load_resnet

WARMUP: Final = {"cpu": 5, "cuda": 50}
"""Batches before measuring, unless the order says otherwise."""


def run(run: Run) -> None:
    """Serve for as long as was ordered, then test what can be tested."""
    load = settle_load(run, clients=lambda batch: 1 if batch == 1 else 2 * batch)
    weights = _weights(run)
    with heartbeat(run.log, "reading the names of the images"):
        images = image_input(run.parameters, run.device, seed=weights.seed, classes=weights.classes)
    serving = Serving(run, load, prefetched=images.prefetched)
    use_precision(run.text("precision"), run.device)
    search_convolutions()
    net = for_inference(weights.net, precision=run.text("precision"), fold=run.flag("fold"))
    run.started(_count(run, net, images), data_sha256=images.sha256 or None)
    with torch.inference_mode(), closing(images.requests()) as batches, closing(images.held_out()) as held_out:
        run.phase("warmup")
        with heartbeat(run.log, "compiling" if run.flag("compile") else "making the net ready"):
            classify = classifier(net, images.empty(), compiled=run.flag("compile"), graph=run.flag("graphs"))
        server = Server(classify, lambda _: batches.next()[0], run.device, batch=images.batch, depth=RUN_AHEAD)

        def build(other: Other, opened: ExitStack) -> Submit:
            return _server(run, net, images, other, opened).submit

        with steady():
            serving.warm_up(server.submit, run.warmup_steps(WARMUP[run.device.type]))
            run.phase("measure")
            serving.measure(server.submit, build)
        if _can_be_tested(run, images, weights) and not run.stopping:
            run.phase("evaluate")
            score_accuracy(run, lambda pixels: net(pixels).argmax(1), held_out)


def _server(run: Run, net: ResNet, images: ImageInput, other: Other, opened: ExitStack) -> Server:
    """Another server beside the run's own; it is made ready now, which may take a minute."""
    fed = images.changed(batch=other.batch, pin=other.pin)
    if other.precision == "bfloat16":
        net = for_inference(copy.deepcopy(net), precision=other.precision, fold=False)  # it was folded before
    graph = run.flag("graphs") if other.graphs is None else other.graphs
    with heartbeat(run.log, "making another server ready"):
        classify = classifier(net, fed.empty(), compiled=run.flag("compile"), graph=graph)
    batches = opened.enter_context(closing(fed.requests()))
    if other.resident:
        pixels = batches.next()[0].to(run.device)
        return Server(classify, lambda _: pixels, run.device, batch=fed.batch, depth=RUN_AHEAD)
    return Server(classify, lambda _: batches.next()[0], run.device, batch=fed.batch, depth=RUN_AHEAD)


def _weights(run: Run) -> ResnetWeights:
    """The weights that were given, or random ones. Raises ValueError where another model was asked for."""
    path, asked, image = run.text("weights"), run.order.parameters.get("model"), run.integer("image")
    if not path:
        net = build_resnet(run.text("model"), run.device, seed=run.order.seed, still=False)
        run.log("no weights: random ones, and no accuracy")
        return ResnetWeights(net, run.text("model"), CLASSES, image, run.order.seed, data_sha256="")
    weights = load_resnet(Path(path), run.device)
    if asked not in (None, weights.model):
        raise ValueError(f"weights={path} are of {weights.model}, not of {asked}: --set model={weights.model}")
    run.parameters["model"] = weights.model
    return weights


def _can_be_tested(run: Run, images: ImageInput, weights: ResnetWeights) -> bool:
    """Whether the held-out images are those that these weights were not trained on."""
    if not images.folder or not run.text("weights"):
        return False
    if images.sha256 == weights.data_sha256:
        return True
    run.log("no accuracy: these weights were not trained on the images of this folder", "warning")
    return False


def _count(run: Run, net: ResNet, images: ImageInput) -> Work:
    """FLOPs and bytes of one image, of the operators as they are written; a compiler that fuses some moves less."""

    def prepare() -> list[tuple[Callable[[], object], int]]:
        copied, pixels = copy_on_paper(net), images.empty()
        return [(lambda: copied(pixels).argmax(1), 1)]

    with torch.inference_mode():
        return count_on_paper(prepare, units=images.batch, precision=run.text("precision"))
