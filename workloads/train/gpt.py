"""train/gpt: how fast does this machine train a GPT, and does it learn?

A byte-level GPT-2 reads random windows of real text and learns to tell the next byte. From `small` on the
embedding and the output layer have GPT-2's 50,304 entries, so that figures compare with published ones although
only 256 of them are ever used.

A unit of work is one window; its tokens are counted beside it. MFU rests on the operations that the model needs
(`training_flops`), HFU on those that are done. Loss is in nats a byte; the score is bits per byte on held-out files.

Of several ranks each reads windows of its own, and `batch` is that of one rank.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import Final

import torch
from torch import nn

from workloads.counting import count_on_paper
from workloads.data.text import read_text
from workloads.device import DTYPES, use_precision
from workloads.heartbeat import heartbeat
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.train.gpt_net import GPT, Size, loss_of, recomputed_flops, size_of, training_flops
from workloads.train.gpt_weights import save_gpt
from workloads.train.parallel import is_sharded
from workloads.train.recipe import Loss, Recipe
from workloads.train.text_batches import TextBatches, held_out_windows
from workloads.train.training import Training

WARMUP: Final = {"cpu": 3, "cuda": 10}
"""Steps before measuring, unless the order says otherwise."""
HELD_OUT_WINDOWS: Final = {"cpu": 64, "cuda": 256}
"""Windows of held-out text that a score rests on, at most."""


def run(run: Run) -> None:
    """Train, tell held-out text now and then, leave the weights in the session folder."""
    precision, context = run.text("precision"), run.integer("context")
    _check_parts(run.integer("batch"), run.integer("accumulate"))
    use_precision(precision, run.device)
    with heartbeat(run.log, "reading the corpus"):
        text = read_text(run.text("corpus"), run.order.seed)
    run.log(f"corpus: {text.files:,} files, {len(text.training) + len(text.held_out):,} bytes, sha256 {text.sha256}")
    size = size_of(run.text("size"), run.integer("vocab"))
    net = build_gpt(run, size)
    teller = Teller(net, DTYPES[precision])
    seeds = count(run.order.seed)

    def batches_of(batch: int) -> TextBatches:
        return TextBatches(text.training, batch, context, seed=next(seeds), device=run.device, rank=run.rank)

    recipe = Recipe(
        model=teller,
        optimizer=lambda model: build_adamw(model, run.number("learning_rate")),
        loss=lambda model, windows: model(windows),
        blocks=tuple(net.blocks),
        batches=batches_of(run.integer("batch")),
        samples=run.integer("batch"),
        tokens=run.integer("batch") * context,
        accumulate=run.integer("accumulate"),
        compiled=run.flag("compile"),
        other_batches=lambda source: batches_of(source.batch or run.integer("batch")),
        other_precision=lambda precision: _loss_in(run, net, precision),
    )
    run.started(_work(run, size), data_sha256=text.sha256)
    if run.flag("compile"):
        # What gathers the weights of a block stands between two blocks, and cannot be compiled.
        for part in net.blocks if is_sharded(run) else (teller,):
            part.compile(dynamic=False)
    training = Training(run, recipe)
    held_out = held_out_windows(text.held_out, context, HELD_OUT_WINDOWS[run.device.type])

    def evaluate(steps: int) -> None:
        part = max(1, run.integer("batch") // (4 * run.integer("accumulate")))
        tell = teller if is_sharded(run) else teller.forward  # neither compiled nor reduced
        bits = bits_per_byte(tell, torch.split(held_out, part), run.device)
        run.score(bits, len(held_out) * context, "bits_per_byte", step=steps)

    with steady():
        training.warm_up(WARMUP[run.device.type])
        training.measure(
            run.length(steps=run.integer("steps")),
            every=run.integer("evaluate_every"),
            name=lambda step: f"from step {step + 1:,}",
            evaluate=evaluate,
        )
    with run.event("checkpoint", run.weights.name):
        save_gpt(run.weights, net, seed=run.order.seed, data_sha256=text.sha256)
    run.log(f"weights kept in {run.weights.name}")


def _loss_in(run: Run, net: GPT, precision: str) -> Loss:
    """How the net's loss is computed in that precision, which is the process's from here on."""
    use_precision(precision, run.device)
    teller = Teller(net, DTYPES[precision])
    if run.flag("compile"):
        teller.compile(dynamic=False)
    return lambda _, windows: teller(windows)


def _check_parts(batch: int, parts: int) -> None:
    if batch % parts:
        fitting = next((number for number in range(parts, batch) if not batch % number), batch)
        raise ValueError(f"accumulate={parts} does not cut batch={batch} into equal parts: --set accumulate={fitting}")


def build_gpt(run: Run, size: Size) -> GPT:
    """A net with weights drawn from the seed on the host, so that every device starts with the same ones."""
    torch.manual_seed(run.order.seed)
    return GPT(size, run.integer("context"), recompute=run.flag("recompute")).to(run.device)


class Teller(nn.Module):
    """The net from text to loss, in one call: what is compiled, and what several ranks share."""

    def __init__(self, net: GPT, dtype: torch.dtype) -> None:
        super().__init__()
        self.net, self._dtype = net, dtype

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """uint8 windows (B, T + 1) → mean cross entropy of their next bytes, nats."""
        return loss_of(self.net, windows, self._dtype)


def build_adamw(net: nn.Module, learning_rate: float) -> torch.optim.AdamW:
    """AdamW in one kernel for all weights; decay and averages are GPT-3's (Brown et al. 2020, appendix B)."""
    decayed = [weight for weight in net.parameters() if weight.dim() > 1]
    others = [weight for weight in net.parameters() if weight.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.95), fused=True)


@torch.no_grad()
def bits_per_byte(
    tell: Callable[[torch.Tensor], torch.Tensor], windows: tuple[torch.Tensor, ...], device: torch.device
) -> float:
    """Mean cross entropy over all windows, in bits; a token is a byte. Waits for the device."""
    nats = sum(float(tell(part.to(device))) * len(part) for part in windows)
    return nats / sum(map(len, windows)) / math.log(2)


def _work(run: Run, size: Size) -> Work:
    """What a window costs; the bytes are counted on paper, over one whole step."""
    context, batch, parts = run.integer("context"), run.integer("batch"), run.integer("accumulate")
    recompute = run.flag("recompute")
    flops = training_flops(size, context)
    done = flops + recomputed_flops(size, context, recompute=recompute)

    def prepare() -> tuple[tuple[Callable[[], object], int], ...]:
        with run.device:
            net = GPT(size, context, recompute=recompute)
            windows = torch.zeros(batch // parts, context + 1, dtype=torch.uint8)
        optimizer = build_adamw(net, run.number("learning_rate"))

        def learn() -> None:
            loss_of(net, windows, DTYPES[run.text("precision")]).backward()  # type: ignore[no-untyped-call]

        # The first step makes the optimizer's state, which is no work of the later ones.
        learn()
        optimizer.step()
        optimizer.zero_grad()
        return (learn, 1), (learn, parts - 1), (optimizer.step, 1)

    counted = count_on_paper(prepare, units=batch, precision=run.text("precision"))
    return Work(counted.precision, flops * context, counted.bytes_per_unit, done * context)
