"""train/digits: how fast does this machine train a small convolutional net, and does it learn?

The work is fixed: so many epochs over 1,437 images in an order that the seed decides. The same seed on
the same machine gives the same losses, and accuracies of two runs can be compared. (A length in seconds
or steps takes the place of the epochs, and then accuracies compare only at equal steps.)

Accuracy is top-1 on the 360 held-out images, all of them, in a phase of its own that no step counts.
FLOPs and bytes are counted over one whole step, batch norm in training and optimizer included, and divided
by the batch.

Of several ranks each takes a part of every epoch's images, and `batch` is that of one rank.
"""

from __future__ import annotations

import copy
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from torch import nn

from workloads.counting import count_work
from workloads.data.digits import Images, split_digits
from workloads.device import use_precision
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.train.batches import DigitBatches
from workloads.train.digits_net import DigitsNet, build_net, build_optimizer
from workloads.train.digits_weights import save_digits
from workloads.train.recipe import Loss, Recipe, Source
from workloads.train.training import Training

WARMUP: Final = {"cpu": 10, "cuda": 50}
"""Steps before measuring, unless the order says otherwise."""


def run(run: Run) -> None:
    """Train, look at held-out images after every epoch, leave the weights in the session folder."""
    digits = split_digits(run.order.seed)
    autocast = use_precision(run.text("precision"), run.device)
    net = build_net(run.integer("width"), run.device, seed=run.order.seed)
    batches = _batches(run, digits.training, Source())

    def epoch_of(step: int) -> int | None:
        return None if run.turned else step // batches.per_epoch + 1

    def evaluate(steps: int) -> None:
        correct = count_correct(net, digits.held_out, run.device, autocast)
        run.score(correct / len(digits.held_out), len(digits.held_out), epoch=epoch_of(steps - 1), step=steps)

    run.started(_count(run, net, batches, autocast), data_sha256=digits.sha256)
    recipe = Recipe(
        model=net,
        optimizer=lambda model: build_optimizer(model, run.number("learning_rate")),
        loss=_loss_in(run.text("precision"), run.device),
        batches=batches,
        samples=run.integer("batch"),
        blocks=(net.second, net.third, net.last),
        other_batches=lambda source: _batches(run, digits.training, source),
        other_precision=lambda precision: _loss_in(precision, run.device),
    )
    training = Training(run, recipe)
    with steady():
        training.warm_up(WARMUP[run.device.type])
        training.measure(
            run.length(steps=run.integer("epochs") * batches.per_epoch),
            every=run.integer("evaluate_every") * batches.per_epoch,
            name=lambda step: f"epoch {epoch}" if (epoch := epoch_of(step)) else f"from step {step + 1:,}",
            evaluate=evaluate,
        )
    with run.event("checkpoint", run.weights.name):
        save_digits(run.weights, net, seed=run.order.seed, data_sha256=digits.sha256)
    run.log(f"weights kept in {run.weights.name}")


def _batches(run: Run, images: Images, source: Source) -> DigitBatches:
    batch = run.integer("batch") if source.batch is None else source.batch
    return DigitBatches(images, batch, seed=run.order.seed, device=run.device, rank=run.rank, ranks=run.ranks)


def _loss_in(precision: str, device: torch.device) -> Loss:
    """How a loss is computed in that precision, which is the process's from here on."""
    autocast = use_precision(precision, device)

    def loss(model: nn.Module, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with autocast:
            return F.cross_entropy(model(pixels), labels)

    return loss


def _count(run: Run, net: DigitsNet, batches: DigitBatches, autocast: torch.autocast) -> Work:
    """FLOPs and bytes of one image, counted over one step of a copy of the net."""
    copied = copy.deepcopy(net)
    optimizer = build_optimizer(copied, run.number("learning_rate"))
    pixels, labels = (part.to(run.device) for part in batches.next())

    def step() -> None:
        with autocast:
            loss = F.cross_entropy(copied(pixels), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()

    step()  # the first one makes the optimizer's state, which is no work of the later ones
    return count_work(step, units=run.integer("batch"), precision=run.text("precision"))


@torch.inference_mode()
def count_correct(net: DigitsNet, images: Images, device: torch.device, autocast: torch.autocast) -> int:
    """How many of the images the net, in evaluation mode, names rightly. Waits for the device."""
    with autocast:
        named = net(images.pixels.to(device)).argmax(1)
    return int((named.cpu() == images.labels).sum())
