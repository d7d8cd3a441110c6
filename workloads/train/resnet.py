"""train/resnet: how fast does this machine train a ResNet, and how much of that can its input path keep up with?

With `input=resident` one batch of random images lies on the device and the step is all there is. With `synthetic`
images are as random, but made on the host by other processes and copied: the difference is what the input path costs.
With a folder they are decoded from files. Images travel as bytes and are normalised on the device.

Only with a folder is there anything to learn: accuracy is top-1 on its held-out images, all of them, after each
epoch and at the end, in a phase of its own that no step counts. Of random images no accuracy is claimed.

FLOPs and bytes of one image are those of a whole step, optimizer included, divided by the batch: of its operators
as they are written, of which a compiler fuses some and then moves less.

Of several ranks each takes a part of every epoch's images, or makes random ones of its own; `batch` and `workers` are
those of one rank.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from torch import nn

from workloads.counting import copy_on_paper, count_on_paper
from workloads.data.image_input import ImageInput, image_input
from workloads.device import use_precision
from workloads.heartbeat import heartbeat
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.train.accuracy import score_accuracy
from workloads.train.parallel import is_sharded
from workloads.train.recipe import Batches, Loss, Recipe, Source
from workloads.train.resnet_net import CLASSES, ResNet, build_optimizer, build_resnet, search_convolutions
from workloads.train.resnet_weights import ResnetWeights, save_resnet
from workloads.train.training import Training

WARMUP: Final = {"cpu": 3, "cuda": 20}
"""Steps before measuring, unless the order says otherwise."""


def run(run: Run) -> None:
    """Train, look at held-out images where there are any, leave the weights in the session folder."""
    with heartbeat(run.log, "reading the names of the images"):
        images = image_input(
            run.parameters, run.device, seed=run.order.seed, classes=CLASSES, rank=run.rank, ranks=run.ranks
        )
    autocast = use_precision(run.text("precision"), run.device)
    search_convolutions()
    net = build_resnet(run.text("model"), run.device, seed=run.order.seed, classes=images.classes)
    learner = Learner(net)

    def classify(pixels: torch.Tensor) -> torch.Tensor:
        # Not compiled; but sharded weights are gathered by whoever calls the whole.
        name = learner if is_sharded(run) else net
        with autocast:
            named: torch.Tensor = name(pixels).argmax(1)
        return named

    def epoch_of(step: int) -> int | None:
        return None if run.turned else images.epoch_of(step)

    def evaluate(steps: int) -> None:
        score_accuracy(run, classify, held_out, epoch=epoch_of(steps - 1), step=steps)

    with ExitStack() as opened, closing(images.held_out()) as held_out:

        def batches_of(source: Source) -> Batches:
            # What is not said is as the run has it now: a knob may have been turned since.
            fed = images.changed(
                batch=run.integer("batch") if source.batch is None else source.batch,
                workers=run.integer("workers") if source.workers is None else source.workers,
                pin=source.pin,
            )
            return opened.enter_context(closing(fed.training()))

        run.started(_count(run, net, images, autocast), data_sha256=images.sha256 or None)
        if run.flag("compile"):
            # What gathers the weights of a block stands between two blocks, and cannot be compiled.
            for part in net.blocks if is_sharded(run) else (learner,):
                part.compile(dynamic=False)
        recipe = Recipe(
            model=learner,
            optimizer=lambda model: _optimizer(run, model),
            loss=_loss_in(run.text("precision"), run.device),
            blocks=tuple(net.blocks),
            batches=batches_of(Source()),
            samples=images.batch,
            compiled=run.flag("compile"),
            other_batches=batches_of,
            other_precision=lambda precision: _loss_in(precision, run.device),
            prefetched=images.prefetched,
        )
        training = Training(run, recipe)
        with steady():
            training.warm_up(WARMUP[run.device.type])
            training.measure(
                run.length(steps=run.integer("steps")),
                every=images.per_epoch,
                name=lambda step: f"epoch {epoch}" if (epoch := epoch_of(step)) else None,
                evaluate=evaluate if images.folder else None,
            )
    facts = (run.text("model"), images.classes, images.image, run.order.seed, images.sha256)
    with run.event("checkpoint", run.weights.name):
        save_resnet(run.weights, ResnetWeights(net, *facts))
    run.log(f"weights kept in {run.weights.name}")


class Learner(nn.Module):
    """The net from pixels to loss, in one call: what is compiled, and what several ranks share."""

    def __init__(self, net: ResNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Pixels uint8 (N, 3, H, W) → logits; with labels int64 (N,) the mean cross entropy, nats."""
        logits: torch.Tensor = self.net(pixels)
        return logits if labels is None else F.cross_entropy(logits, labels)


def _loss_in(precision: str, device: torch.device) -> Loss:
    """How a loss is computed in that precision, which is the process's from here on."""
    autocast = use_precision(precision, device)
    return lambda model, pixels, labels: loss_of(model, autocast, pixels, labels)


def loss_of(learner: nn.Module, autocast: torch.autocast, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """A batch's loss, in the precision that is asked for."""
    with autocast:
        loss: torch.Tensor = learner(pixels, labels)
    return loss


def _optimizer(run: Run, net: nn.Module) -> torch.optim.SGD:
    names = ("learning_rate", "momentum", "weight_decay")
    # torch has no fused SGD for weights of which a rank has a part.
    return build_optimizer(net, not is_sharded(run), **{name: run.number(name) for name in names})


def _count(run: Run, net: ResNet, images: ImageInput, autocast: torch.autocast) -> Work:
    """FLOPs and bytes of one image of a step."""

    def prepare() -> list[tuple[Callable[[], object], int]]:
        copied = copy_on_paper(net)
        optimizer, learner = _optimizer(run, copied), Learner(copied)
        pixels, labels = images.empty(), torch.empty(images.batch, dtype=torch.int64, device=run.device)

        def step() -> None:
            loss_of(learner, autocast, pixels, labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()

        step()  # the first one makes the optimizer's state, which is no work of the later ones
        return [(step, 1)]

    return count_on_paper(prepare, units=images.batch, precision=run.text("precision"))
