"""GPT-2, the byte-level or the padded one: the net alone. Knows nothing of runs, data and measuring.

Weights are float32; every layer works in the type of what it is given, so the residual stream alone decides the
precision: bfloat16 in, bfloat16 throughout, with float32 inside norms, softmax and loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from torch import nn
from torch.utils.checkpoint import checkpoint

BYTES: Final = 256
"""Tokens of a byte-level text."""
PADDED: Final = 50_304
"""GPT-2's 50,257 entries, padded to a multiple of 128: figures then compare with published ones."""


@dataclass(frozen=True)
class Size:
    """What a net is made of."""

    layers: int
    heads: int
    width: int
    vocab: int


SIZES: Final = {
    "tiny": Size(4, 4, 128, BYTES),
    "small": Size(12, 12, 768, PADDED),
    "medium": Size(24, 16, 1024, PADDED),
    "large": Size(36, 20, 1280, PADDED),
    "xl": Size(48, 25, 1600, PADDED),
}
"""GPT-2's sizes (Radford et al. 2019, table 2), and one for a CPU."""


def size_of(name: str, vocab: int) -> Size:
    """The size of that name; `vocab` takes the place of its own number of entries unless 0. Raises ValueError."""
    if 0 < vocab < BYTES:
        raise ValueError(
            f"vocab={vocab} is less than the {BYTES} values of a byte: --set vocab={BYTES}, or leave it out"
        )
    return replace(SIZES[name], vocab=vocab) if vocab else SIZES[name]


class Linear(nn.Linear):
    """A linear layer in the type of its input."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(…, in) → (…, out)."""
        return F.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))


class LayerNorm(nn.LayerNorm):
    """A layer norm in the type of its input; mean and variance are in float32 even so."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(…, width) → (…, width)."""
        return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


Attend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Queries, keys and values, each (B, heads, T, width / heads) → what the queries take in, of the same shape."""


def causal(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Every token sees itself and those before it."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


class Block(nn.Module):
    """Attention and a perceptron, each behind a norm and added to the stream."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.heads = size.heads
        self.norm1, self.norm2 = LayerNorm(size.width), LayerNorm(size.width)
        self.qkv = Linear(size.width, 3 * size.width)
        self.out = Linear(size.width, size.width)
        self.up = Linear(size.width, 4 * size.width)
        self.down = Linear(4 * size.width, size.width)

    def forward(self, x: torch.Tensor, attend: Attend = causal) -> torch.Tensor:
        """(B, T, width) → (B, T, width); a cache comes in by another way to attend."""
        qkv = self.qkv(self.norm1(x))
        q, k, v = qkv.view(*qkv.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.out(attend(q, k, v).transpose(1, 2).flatten(2))
        added: torch.Tensor = self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))
        return x + added


class GPT(nn.Module):
    """The decoder; its last layer shares the weights of its first, the embedding."""

    def __init__(self, size: Size, context: int, *, recompute: bool = False) -> None:
        super().__init__()
        self.size, self.context, self.recompute = size, context, recompute
        self.tokens = nn.Embedding(size.vocab, size.width)
        self.places = nn.Embedding(context, size.width)
        self.blocks = nn.ModuleList(Block(size) for _ in range(size.layers))
        self.norm = LayerNorm(size.width)
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        """As GPT-2: a deviation of 0.02, less in what is added to the stream, by the root of how often."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
        if isinstance(module, Block):
            for layer in (module.out, module.down):
                nn.init.normal_(layer.weight, std=0.02 / math.sqrt(2 * self.size.layers))

    def forward(self, tokens: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """(B, T) → (B, T, width), normed, in `dtype`: what the output layer takes."""
        x = (self.tokens(tokens) + self.places.weight[: tokens.shape[1]]).to(dtype)
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False) if self.recompute else block(x)
        normed: torch.Tensor = self.norm(x)
        return normed

    def logits(self, normed: torch.Tensor) -> torch.Tensor:
        """(…, width) → (…, vocab)."""
        return F.linear(normed, self.tokens.weight.to(normed.dtype))


def loss_of(net: GPT, windows: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """uint8 windows (B, T + 1) → mean cross entropy of their next bytes, nats."""
    tokens = windows.long()
    logits = net.logits(net(tokens[:, :-1], dtype))
    return F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())


def matmul_weights(size: Size) -> int:
    """Weights that every token is multiplied with: the blocks' matrices and the output layer."""
    return size.layers * 12 * size.width**2 + size.vocab * size.width


def training_flops(size: Size, context: int) -> int:
    """Operations of one token through forward and backward, without what is computed twice.

    6 N + 12 L·d·T: Chowdhery et al. 2022, PaLM, appendix B, which defines MFU. N are the weights of `matmul_weights`;
    attention is counted in full although the causal half of it is never done, as everybody's figures are.
    """
    return 6 * matmul_weights(size) + 12 * size.layers * size.width * context


def recomputed_flops(size: Size, context: int, *, recompute: bool) -> int:
    """Operations of one token that are done a second time in training.

    Attention's backward computes the scores again, 2 L·d·T (Dao et al. 2022, FlashAttention, algorithm 4). Activation
    checkpointing does every block's forward again (Korthikanti et al. 2022, section 5: what HFU has over MFU) as far as
    backward needs it: without the last product, 8 d², of the block's 24 d² + 4 d·T.
    """
    scores = 2 * size.layers * size.width * context
    blocks = size.layers * (16 * size.width**2 + 4 * size.width * context)
    return scores + (blocks if recompute else 0)
