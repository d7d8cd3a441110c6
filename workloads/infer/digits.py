"""infer/digits: how fast, and how promptly, does this machine serve a trained net?

A request is one image. Requests come as `load` says, and are served in batches of up to `max_batch`: see `load`.

Afterwards every held-out image is classified once: accuracy on images that the training never saw, since the
weights say which split they were trained with.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import torch

from workloads.counting import count_work
from workloads.data.digits import Digits, Images, split_digits
from workloads.device import use_precision
from workloads.device_clock import RUN_AHEAD
from workloads.infer.classifier import Recorded
from workloads.infer.load.serving import Serving
from workloads.infer.load.settings import settle_load
from workloads.infer.load.trials import Other
from workloads.infer.server import Server
from workloads.run import Run
from workloads.timing import steady
from workloads.train.digits import count_correct
from workloads.train.digits_weights import Weights, load_digits

WARMUP: Final = {"cpu": 20, "cuda": 200}
"""Batches before measuring, unless the order says otherwise."""


@torch.inference_mode()
def run(run: Run) -> None:
    """Serve for as long as was ordered, then test."""
    autocast = use_precision(run.text("precision"), run.device)
    weights = _weights(run)
    digits = split_digits(weights.seed)
    _check_data(digits, weights)
    load = settle_load(run)
    serving = Serving(run, load, shapes_vary=True)

    def build(other: Other, _: ExitStack | None = None) -> Server:
        batch = other.batch
        cast = use_precision(other.precision or run.text("precision"), run.device)

        def classify(pixels: torch.Tensor) -> torch.Tensor:
            with cast:
                named: torch.Tensor = weights.net(pixels.to(run.device, non_blocking=True)).argmax(1)
            return named

        inputs = DigitRequests(digits.held_out, run.device, batch=batch, depth=RUN_AHEAD)
        if not other.graphs:
            return Server(classify, inputs.next, run.device, batch=batch, depth=RUN_AHEAD)
        example = torch.zeros((batch, *digits.held_out.pixels.shape[1:]), device=run.device)
        # A graph has one shape: where fewer requests wait, the rest of the batch is nobody's.
        whole = lambda _: inputs.next(batch)  # noqa: E731 - inputs, as the other
        return Server(Recorded(classify, example), whole, run.device, batch=batch, depth=RUN_AHEAD)

    server = build(Other(load.batch))
    work = count_work(lambda: server.submit(load.most), units=load.most, precision=run.text("precision"))
    run.started(work, data_sha256=digits.sha256)
    with steady():
        run.phase("warmup")
        serving.warm_up(server.submit, run.warmup_steps(WARMUP[run.device.type]))
        run.phase("measure")
        serving.measure(server.submit, lambda other, opened: build(other, opened).submit)
    if not run.stopping:
        run.phase("evaluate")
        correct = count_correct(weights.net, digits.held_out, run.device, autocast)
        run.score(correct / len(digits.held_out), len(digits.held_out))


class DigitRequests:
    """The images that requests ask about, in turn, gathered in a ring of buffers; on CUDA in pinned memory."""

    def __init__(self, images: Images, device: torch.device, *, batch: int, depth: int) -> None:
        pinned = device.type == "cuda"
        self._pixels = images.pixels
        self._ring = [torch.empty((batch, *images.pixels.shape[1:]), pin_memory=pinned) for _ in range(depth)]
        self._taken = 0
        self._asked = 0

    def next(self, count: int) -> torch.Tensor:
        """Pixels (count, 1, 8, 8), valid until the ring comes round."""
        pixels = self._ring[self._taken % len(self._ring)][:count]
        rows = torch.arange(self._asked, self._asked + count) % len(self._pixels)
        self._taken += 1
        self._asked += count
        torch.index_select(self._pixels, 0, rows, out=pixels)
        return pixels


def _weights(run: Run) -> Weights:
    path = run.text("weights")
    if not path:
        raise ValueError("no weights: run train/digits before it in the same session, or --set weights=PATH")
    return load_digits(Path(path), run.device)


def _check_data(digits: Digits, weights: Weights) -> None:
    if digits.sha256 != weights.data_sha256:
        raise ValueError("these weights were trained on another release of the digits: train anew, train/digits")
