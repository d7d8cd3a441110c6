"""Generates text with a GPT: a prompt is read at once, then token after token, with the keys and values kept.

Every shape is fixed, so that on CUDA reading and telling are each one graph that the host only starts. Token and
place stay on the device from step to step: nothing of what is told has to come to the host for the next to begin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it

from workloads.cuda_graph import recorded
from workloads.train.gpt_net import GPT, Block, causal


class Decoder:
    """A net, and the keys and values of `batch` sequences of up to `length` tokens."""

    def __init__(
        self, net: GPT, *, batch: int, prompt: int, length: int, graphs: bool, compiled: bool, fused: bool
    ) -> None:
        """`fused`: the blocks of a decode step in kernels of our own, where they can be (`can_fuse`)."""
        weight = net.tokens.weight
        self._net = net
        self._blocks = cast("list[Block]", list(net.blocks))
        self._block = torch.compile(decode_block, dynamic=False) if compiled else decode_block
        heads, each = net.size.heads, net.size.width // net.size.heads
        with torch.device(weight.device):
            shape = (net.size.layers, batch, heads, length, each)
            self._keys, self._values = torch.zeros(shape, dtype=weight.dtype), torch.zeros(shape, dtype=weight.dtype)
            self.prompt = torch.zeros(batch, prompt, dtype=torch.int64)
            """int64 (batch, prompt): what is read next."""
            self.token = torch.zeros(batch, 1, dtype=torch.int64)
            """int64 (batch, 1): what was told last."""
            self._place = torch.zeros(1, dtype=torch.int64)
            self._places = torch.arange(length)
        self._fused = None
        if fused and can_fuse(net, batch):
            from workloads.infer.gpt_kernels import OneSequence  # noqa: PLC0415 - Triton comes with CUDA alone

            self._fused = OneSequence(net, self._keys, self._values, self._place)
        self.read: Callable[[], object] = self._read
        """Take in the prompt and tell the first token."""
        self.tell: Callable[[], object] = self._tell
        """Tell the next token."""
        if graphs:
            self.read = recorded(self._read)
            self.tell = recorded(self._tell, reset=self._place.zero_)

    def _read(self) -> None:
        net, end = self._net, self.prompt.shape[1]
        x = net.tokens(self.prompt) + net.places.weight[:end]
        for block, *kept in zip(self._blocks, self._keys, self._values, strict=True):
            x = block(x, partial(_attend_and_keep, *kept))
        self._place.fill_(end)
        self._choose(x[:, -1:])

    def _tell(self) -> None:
        net = self._net
        if self._fused is not None:
            self._fused(self.token)
            return
        x = net.tokens(self.token) + net.places(self._place)  # (batch, 1, width)
        told = self._places <= self._place  # (length,)
        for block, keys, values in zip(self._blocks, self._keys, self._values, strict=True):
            x = self._block(block, x, keys, values, (self._place, told))
        self._place.add_(1)
        self._choose(x)

    def _choose(self, x: torch.Tensor) -> None:
        """The most probable token: (batch, 1, width) → `token`."""
        self.token.copy_(self._net.logits(self._net.norm(x)).argmax(-1))


def can_fuse(net: GPT, batch: int) -> bool:
    """Whether the kernels of `gpt_kernels` do for it: one sequence, on CUDA, in bfloat16, heads of a power of two."""
    weight, each = net.tokens.weight, net.size.width // net.size.heads
    there = weight.is_cuda and find_spec("triton") is not None
    return there and batch == 1 and weight.dtype == torch.bfloat16 and each & (each - 1) == 0


def decode_block(
    block: Block, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, at: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """One token of each sequence through a block: (batch, 1, width) → the same.

    `at` is the place (1,) where its keys and values are put, and which places (length,) it sees.
    """
    place, told = at

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        keys.index_copy_(2, place, k)
        values.index_copy_(2, place, v)
        return F.scaled_dot_product_attention(q, keys, values, attn_mask=told.expand(q.shape[0], 1, 1, -1))

    out: torch.Tensor = block(x, attend)
    return out


def _attend_and_keep(
    keys: torch.Tensor, values: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """A prompt from the first place on: its keys and values are kept."""
    keys[:, :, : k.shape[2]], values[:, :, : v.shape[2]] = k, v
    return causal(q, k, v)


def must_read(net: GPT, *, batch: int, prompt: int, new: int) -> tuple[float, float]:
    """Bytes that a request, and on average a decode step, must read from memory.

    A step reads every weight once but those of the places, and the keys and values of all tokens so far of every
    sequence. Reading the prompt counts the weights once. Writes and what is in a cache are left out.
    """
    item = net.tokens.weight.element_size()
    weights = (sum(weight.numel() for weight in net.parameters()) - net.places.weight.numel()) * item
    kept = 2 * net.size.layers * net.size.width * item
    steps = new - 1
    cached = [batch * kept * (prompt + step + 1) for step in range(steps)]
    step = weights + sum(cached) / steps if steps else float(weights)
    return (weights + steps * step) / batch, step


def generation_flops(net: GPT, *, prompt: int, new: int) -> float:
    """Operations of one request: 2 for each weight and token, 4·width for each token that a token sees, in each layer.

    The output layer is needed once for the prompt and once for each further token.
    """
    size = net.size
    blocks, head = size.layers * 12 * size.width**2, size.vocab * size.width
    tokens = prompt + new - 1
    seen = tokens * (tokens + 1) / 2
    return 2.0 * (blocks * tokens + head * new) + 4.0 * size.layers * size.width * seen
