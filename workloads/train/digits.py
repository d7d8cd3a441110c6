"""train/digits: how fast does this machine train a small convolutional net, and does it learn?

The work is fixed: so many epochs over 1,437 images in an order that the seed decides. The same seed on
the same machine gives the same losses, and accuracies of two runs can be compared. (A length in seconds
or steps takes the place of the epochs, and then accuracies compare only at equal steps.)

A step is: gather a batch on the host (data wait), move it to the device (host-to-device; on the CPU there
is nothing to move, and the part is absent), forward, backward, optimizer. On the CPU the parts are times
on the host. On CUDA the data wait is the host's, the others lie between CUDA events and are the device's,
with the gaps in which it had nothing to do; the host runs ahead, so a data wait costs nothing as long as
it is shorter than the device's work.

Warm-up steps train for real, so that caches, clocks and allocators are where they will be, and are then
undone: weights, running statistics and optimizer go back to the start, and the result does not depend on
how many there were.

Accuracy is top-1 on the 360 held-out images, all of them, in a phase of its own that no step counts.
FLOPs and bytes are counted over one whole step, batch norm in training and optimizer included, and divided
by the batch.
"""

from __future__ import annotations

import copy
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it

from workloads.counting import count_work
from workloads.data.digits import Images, split_digits
from workloads.device import use_precision
from workloads.run import Length, Run, Work
from workloads.timing import StepClock, steady, step_clock
from workloads.train.batches import Batches
from workloads.train.digits_net import DigitsNet, build_net, build_optimizer, forget
from workloads.train.loss import LossTap
from workloads.train.weights import save_weights

WARMUP: Final = {"cpu": 10, "cuda": 50}
"""Steps before measuring, unless the order says otherwise."""


def run(run: Run) -> None:
    """Train, look at held-out images after every epoch, leave the weights in the session folder."""
    digits = split_digits(run.order.seed)
    training = Training(run, digits.training)
    run.started(training.count())
    with steady():
        training.warm_up()
        training.measure(digits.held_out)
    path = run.folder / f"weights-{run.order.run}.pt"
    save_weights(path, training.net, seed=run.order.seed, data_sha256=digits.sha256)
    run.log(f"weights kept in {path.name}")


class Training:
    """The net, its optimizer and its data."""

    def __init__(self, run: Run, images: Images) -> None:
        self._run = run
        self._batch = run.integer("batch")
        self._autocast = use_precision(run.text("precision"), run.device)
        self.net = build_net(run.integer("width"), run.device, seed=run.order.seed)
        self._optimizer = build_optimizer(self.net, run.number("learning_rate"))
        self._batches = Batches(images, self._batch, seed=run.order.seed, device=run.device)
        self._losses = LossTap(run.device)
        self._clock: StepClock = step_clock(run.device, run.recorder, parts=True)

    def count(self) -> Work:
        """FLOPs and bytes of one image, counted over one step of a copy of the net."""
        net = copy.deepcopy(self.net)
        optimizer = build_optimizer(net, self._run.number("learning_rate"))
        pixels, labels = (part.to(self._run.device) for part in self._batches.gather(0))

        def step() -> None:
            self._loss(net, pixels, labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()

        return count_work(step, units=self._batch, precision=self._run.text("precision"))

    def warm_up(self) -> None:
        """Steps that are timed and then undone."""
        before = copy.deepcopy(self.net.state_dict())
        self._run.phase("warmup")
        self._clock.begin()
        self._batches.shuffle(0)
        for step in range(self._run.warmup_steps(WARMUP[self._run.device.type])):
            if self._run.stopping:
                break
            self._step(step % self._batches.per_epoch)
        self._clock.drain()
        self.net.load_state_dict(before)
        forget(self._optimizer)

    def measure(self, held_out: Images) -> None:
        """Train for as long as was ordered, with an evaluation after every so many epochs and at the end."""
        length = self._run.length(steps=self._run.integer("epochs") * self._batches.per_epoch)
        every, epoch = self._run.integer("evaluate_every"), 0
        while not length.over():
            self._run.phase("measure", f"epoch {epoch + 1}")
            length.begin()
            self._clock.begin()
            for _ in range(every):
                if length.over():
                    break
                epoch += 1
                self._epoch(epoch, length)
            self._clock.drain()
            length.pause()
            if not self._run.stopping:
                self._evaluate(held_out, epoch, length.done)

    def _epoch(self, epoch: int, length: Length) -> None:
        self._batches.shuffle(epoch)
        for step in range(self._batches.per_epoch):
            if length.over():
                return
            length.done += 1
            self._step(step)

    def _step(self, step: int) -> None:
        clock, device = self._clock, self._run.device
        clock.open()
        pixels, labels = self._batches.gather(step)
        clock.mark()
        pixels, labels = pixels.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        clock.mark()
        loss = self._loss(self.net, pixels, labels)
        clock.mark()
        loss.backward()  # type: ignore[no-untyped-call]
        clock.mark()
        self._optimizer.step()
        self._optimizer.zero_grad()
        clock.close(self._batch, self._losses.tap(loss))

    def _loss(self, net: DigitsNet, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with self._autocast:
            return F.cross_entropy(net(pixels), labels)

    def _evaluate(self, held_out: Images, epoch: int, step: int) -> None:
        self._run.phase("evaluate", f"epoch {epoch}")
        self.net.eval()
        correct = count_correct(self.net, held_out, self._run.device, self._autocast)
        self.net.train()
        self._run.score(correct / len(held_out), len(held_out), epoch=epoch, step=step)


@torch.inference_mode()
def count_correct(net: DigitsNet, images: Images, device: torch.device, autocast: torch.autocast) -> int:
    """How many of the images the net, in evaluation mode, names rightly. Waits for the device."""
    with autocast:
        named = net(images.pixels.to(device)).argmax(1)
    return int((named.cpu() == images.labels).sum())
