"""infer/gpt: how fast, and how promptly, does this machine tell text?

A request is a prompt. Requests come as `load` says: see `load`. Up to `batch` prompts are read together (prefill),
then each gets token after token (decode) until all have `new` of them; what comes meanwhile waits. In a closed loop
of as many clients as a batch has, all send again at once. Shapes are fixed: where fewer wait, the rest of the batch is
nobody's. Prompts are pieces of held-out text, the most probable token is told, and no text ends early, so every
request is the same amount of work.

The host never waits within a batch: it queues the steps a few ahead and sees by an event behind each when its
tokens were there. TTFT is from when a request was due to its first token, a gap (ITL) lies between the events of two
tokens, and TPOT is the mean gap of a request. Decode reads every weight once a step: bytes that it must read, over
the gap, are the bandwidth that it reaches.

With trained weights, held-out files are told afterwards without a cache: bits per byte.
"""

from __future__ import annotations

import copy
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from workloads.data.text import Text, read_text
from workloads.device import DTYPES, use_precision
from workloads.device_clock import RUN_AHEAD
from workloads.entries.load import MULTI
from workloads.heartbeat import heartbeat
from workloads.infer.gpt_decoder import Decoder, generation_flops, must_read
from workloads.infer.load.serving import Serving
from workloads.infer.load.settings import Load, settle_load
from workloads.infer.load.trials import Other
from workloads.infer.ticket import Submit, Ticket, Told
from workloads.infer.token_clock import TokenClock
from workloads.run import Run, Work
from workloads.timing import steady
from workloads.train.gpt import HELD_OUT_WINDOWS, Teller, bits_per_byte
from workloads.train.gpt_net import GPT, SIZES, Size, size_of
from workloads.train.gpt_weights import TrainedGPT, load_gpt
from workloads.train.text_batches import held_out_windows

WARMUP: Final = 2
"""Batches before measuring, unless the order says otherwise."""


@torch.inference_mode()
def run(run: Run) -> None:
    """Tell text for as long as was ordered, then test."""
    load = _settle(run)
    dtype = DTYPES[run.text("precision")]
    use_precision(run.text("precision"), run.device)
    trained = load_gpt(Path(run.text("weights"))) if run.text("weights") else None
    with heartbeat(run.log, "reading the corpus"):
        text = read_text(run.text("corpus"), trained.seed if trained else run.order.seed)
    if trained is not None:
        _note_size(run, trained.net.size)
    net = (trained.net if trained else _seeded(run)).to(run.device, dtype).eval()
    _check_length(net, run.integer("prompt"), run.integer("new"))
    serving = Serving(run, load)
    decoder = _decoder(run, net, Other(load.batch))
    run.started(_work(run, net), data_sha256=text.sha256)
    telling = Telling(run, decoder, text.held_out)

    def build(other: Other, _: ExitStack) -> Submit:
        changed = copy.deepcopy(net).to(torch.bfloat16) if other.precision == "bfloat16" else net
        return Telling(run, _decoder(run, changed, other), text.held_out).submit

    with steady():
        run.phase("warmup")
        serving.warm_up(telling.submit, run.warmup_steps(WARMUP))
        run.phase("measure")
        serving.measure(telling.submit, build)
    if trained is not None and not run.stopping:
        _test(run, trained, text, dtype)


def _decoder(run: Run, net: GPT, other: Other) -> Decoder:
    """Made ready to read and tell, which may take a minute."""
    prompt = run.integer("prompt")
    graphs = run.device.type == "cuda" and (run.flag("graphs") if other.graphs is None else other.graphs)
    with heartbeat(run.log, "compiling"):
        decoder = Decoder(
            net,
            batch=other.batch,
            prompt=prompt,
            length=prompt + run.integer("new"),
            graphs=graphs,
            compiled=run.flag("compile"),
            fused=run.flag("fused"),
        )
        if not graphs:
            decoder.tell()
    return decoder


class Telling:
    """Tells batches with one decoder, each from its prompts to its last token."""

    def __init__(self, run: Run, decoder: Decoder, held_out: torch.Tensor) -> None:
        self._run, self._decoder = run, decoder
        self._new = run.integer("new")
        batch, prompt = decoder.prompt.shape
        self._prompts = held_out_windows(held_out, prompt, 1 << 20)[:, :prompt].long()
        pinned = run.device.type == "cuda"
        self._sent = torch.zeros(batch, prompt, dtype=torch.int64, pin_memory=pinned)
        self._told = torch.zeros(RUN_AHEAD + 1, batch, 1, dtype=torch.int64, pin_memory=pinned)
        self._clock = TokenClock(run.device, self._new)
        self._asked = 0

    def submit(self, count: int) -> Ticket:
        """Tell a batch of so many requests, to its end unless the run is stopped."""
        batch = len(self._sent)
        rows = torch.arange(self._asked, self._asked + batch) % len(self._prompts)
        self._asked += count
        torch.index_select(self._prompts, 0, rows, out=self._sent)
        clock, decoder = self._clock, self._decoder
        clock.begin()
        decoder.prompt.copy_(self._sent, non_blocking=True)
        for token in range(self._new):
            clock.settle(RUN_AHEAD - 1)
            if self._run.stopping:
                break
            (decoder.tell if token else decoder.read)()
            self._told[token % len(self._told)].copy_(decoder.token, non_blocking=True)
            clock.mark()
        clock.settle(0)
        if clock.marks < self._new:
            return Ticket(given_up=True)
        return Ticket(told=Told(clock.first_ns, clock.last_ns, self._new, clock.gaps(), clock.device_ns))


def _settle(run: Run) -> Load:
    """Raises ValueError for a load that texts cannot have: those of a query would be told one after the other."""
    if run.text("load") == MULTI:
        raise ValueError(
            "load=multi-stream is for answers that come at once: of text, set load=closed and concurrency=N"
        )
    return settle_load(run)


def _seeded(run: Run) -> GPT:
    run.log("no weights: seeded ones are as fast, and tell nothing; run train/gpt before it, or --set weights=PATH")
    torch.manual_seed(run.order.seed)
    with run.device:
        return GPT(size_of(run.text("size"), run.integer("vocab")), run.integer("prompt") + run.integer("new"))


def _note_size(run: Run, size: Size) -> None:
    """The configuration says what is served. Raises ValueError where another size was asked for."""
    names = [name for name in SIZES if replace(SIZES[name], vocab=size.vocab) == size]
    asked = run.order.parameters.get("size")
    if asked not in (None, *names):
        raise ValueError(
            f"weights={run.text('weights')} are of {', '.join(names) or size}, not of {asked}: leave size out"
        )
    run.parameters.update(size=names[0] if names else run.text("size"), vocab=size.vocab)


def _check_length(net: GPT, prompt: int, new: int) -> None:
    if prompt + new > net.context:
        raise ValueError(
            f"prompt={prompt} and new={new} are {prompt + new} tokens, and these weights know {net.context} places: "
            f"--set new={max(1, net.context - prompt)} or a shorter prompt"
        )


def _work(run: Run, net: GPT) -> Work:
    batch, prompt, new = run.integer("batch"), run.integer("prompt"), run.integer("new")
    each, step = must_read(net, batch=batch, prompt=prompt, new=new)
    flops = generation_flops(net, prompt=prompt, new=new)
    return Work(run.text("precision"), flops, each, bytes_per_decode_step=step)


def _test(run: Run, trained: TrainedGPT, text: Text, dtype: torch.dtype) -> None:
    """Held-out files of the split that the weights were trained with."""
    if text.sha256 != trained.data_sha256:
        run.log("no score: these weights were trained on another corpus, so nothing is known to be held out", "warning")
        return
    run.phase("evaluate")
    context = trained.net.context
    windows = held_out_windows(text.held_out, context, HELD_OUT_WINDOWS[run.device.type])
    bits = bits_per_byte(Teller(trained.net, dtype), torch.split(windows, 16), run.device)
    run.score(bits, len(windows) * context, "bits_per_byte")
