"""A decode step of one sequence on CUDA in six kernels a block, which read every weight exactly once.

One sequence is a chain of products of a matrix with one vector, and what limits it is not arithmetic but memory
and the gaps between kernels. So norm, bias, GELU, residual and cache are done by the product beside them, and
each kernel fetches its weights while the one before it still runs (programmatic dependent launch, compute
capability 9.0 and later): only what that one writes is waited for.
"""

from __future__ import annotations

from typing import Final, cast

import torch
import triton
import triton.language as tl
from torch import nn
from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait

from workloads.train.gpt_net import GPT, Block

SPAN: Final = 128
"""Keys that one program looks at. Like the rows a program below, the fastest of those tried on an H100."""


@triton.jit
def _linear(
    x, w, bias, out, gain, shift, keys, values, place, rows, length,
    K: tl.constexpr, TILE: tl.constexpr, ROWS: tl.constexpr, EACH: tl.constexpr,
    NORM: tl.constexpr, GELU: tl.constexpr, ADD: tl.constexpr, CACHE: tl.constexpr, AHEAD: tl.constexpr,
):  # fmt: skip
    """The product of w (rows, K) and x (K,), with what comes before and after it, to out (rows,) or query and cache."""
    row, k = tl.program_id(0) * ROWS + tl.arange(0, ROWS), tl.arange(0, TILE)
    weights = tl.load(w + row[:, None] * K + k[None, :], mask=(row < rows)[:, None] & (k < K)[None, :], other=0.0)
    added = tl.load(bias + row, mask=row < rows, other=0.0).to(tl.float32)
    if NORM:
        factor = tl.load(gain + k, mask=k < K, other=0.0).to(tl.float32)
        offset = tl.load(shift + k, mask=k < K, other=0.0).to(tl.float32)
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    vector = tl.load(x + k, mask=k < K, other=0.0).to(tl.float32)
    if NORM:
        mean, square = tl.sum(vector, 0) / K, tl.sum(vector * vector, 0) / K
        vector = (vector - mean) * tl.rsqrt(square - mean * mean + 1e-5) * factor + offset
    result = tl.sum(weights.to(tl.float32) * vector[None, :], 1) + added
    if GELU:  # x · sigmoid(2u) is 0.5 · x · (1 + tanh u)
        result *= tl.sigmoid(1.5957691216057308 * (result + 0.044715 * result * result * result))
    if ADD:
        result += tl.load(out + row, mask=row < rows, other=0.0).to(tl.float32)
    if CACHE:
        width = rows // 3
        within = row % width
        at = (within // EACH * length + tl.load(place)) * EACH + within % EACH
        tl.store(out + row, result, mask=row < width)
        tl.store(keys + at, result, mask=(row >= width) & (row < 2 * width))
        tl.store(values + at, result, mask=(row >= 2 * width) & (row < rows))
    else:
        tl.store(out + row, result, mask=row < rows)


@triton.jit
def _attend(
    q, keys, values, place, sums, largest, total, length,
    EACH: tl.constexpr, SPAN: tl.constexpr, AHEAD: tl.constexpr,
):  # fmt: skip
    """One head's query against its part of the keys: sums (parts, heads, EACH), largest score, total (parts, heads)."""
    head, part, heads = tl.program_id(0), tl.program_id(1), tl.num_programs(0)
    e, s = tl.arange(0, EACH), tl.arange(0, SPAN)
    here = tl.load(place)
    before = part * SPAN + s < here
    at = (head * length + part * SPAN + s)[:, None] * EACH + e[None, :]
    # What earlier steps left does not change any more; only the newest key and value are waited for.
    key = tl.load(keys + at, mask=before[:, None], other=0.0).to(tl.float32)
    value = tl.load(values + at, mask=before[:, None], other=0.0).to(tl.float32)
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    query = tl.load(q + head * EACH + e).to(tl.float32) / tl.sqrt(EACH * 1.0)
    score = tl.where(before, tl.sum(key * query[None, :], 1), float("-inf"))
    mine, newest = here // SPAN == part, (head * length + here) * EACH + e
    key_here = tl.load(keys + newest, mask=mine & (e < EACH), other=0.0).to(tl.float32)
    value_here = tl.load(values + newest, mask=mine & (e < EACH), other=0.0).to(tl.float32)
    score_here = tl.where(mine, tl.sum(key_here * query, 0), float("-inf"))
    most = tl.maximum(tl.max(score, 0), score_here)
    finite = tl.maximum(most, -1e30)  # a part without any key yet
    weight, weight_here = tl.exp(score - finite), tl.exp(score_here - finite)
    tl.store(sums + (part * heads + head) * EACH + e, tl.sum(weight[:, None] * value, 0) + weight_here * value_here)
    tl.store(largest + part * heads + head, most)
    tl.store(total + part * heads + head, tl.sum(weight, 0) + weight_here)


@triton.jit
def _combine(sums, largest, total, out, EACH: tl.constexpr, PARTS: tl.constexpr, AHEAD: tl.constexpr):
    """The parts of one head's attention → its share of out (heads · EACH,)."""
    head, heads = tl.program_id(0), tl.num_programs(0)
    e, part = tl.arange(0, EACH), tl.arange(0, PARTS)
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    most = tl.load(largest + part * heads + head)
    scale = tl.exp(most - tl.max(most, 0))
    each = tl.load(sums + (part[:, None] * heads + head) * EACH + e[None, :])
    whole = tl.sum(tl.load(total + part * heads + head) * scale, 0)
    tl.store(out + head * EACH + e, tl.sum(each * scale[:, None], 0) / whole)


class OneSequence:
    """The blocks of a net for one token of one sequence."""

    def __init__(self, net: GPT, keys: torch.Tensor, values: torch.Tensor, place: torch.Tensor) -> None:
        """`keys` and `values` are (layers, 1, heads, length, each), `place` int64 (1,): where the token stands."""
        self._blocks = cast("list[Block]", list(net.blocks))
        self._keys, self._values, self._place = keys, values, place
        width, heads = net.size.width, net.size.heads
        self._each, self._parts = width // heads, triton.next_power_of_2(triton.cdiv(keys.shape[3], SPAN))
        with keys.device:
            self._query, self._attended = torch.empty(2, width, dtype=keys.dtype)
            self._inner = torch.empty(4 * width, dtype=keys.dtype)
            self._sums = torch.empty(self._parts, width, dtype=torch.float32)
            self._largest, self._total = torch.empty(2, self._parts, heads, dtype=torch.float32)
        ahead = torch.cuda.get_device_capability(keys.device) >= (9, 0)
        self._launch = {"AHEAD": ahead, "EACH": self._each} | ({"launch_pdl": True} if ahead else {})

    def __call__(self, x: torch.Tensor) -> None:
        """The stream (1, 1, width) through all blocks, in place."""
        for block, keys, values in zip(self._blocks, self._keys, self._values, strict=True):
            self._through(block, x, keys, values)

    def _through(self, block: Block, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> None:
        heads, parts = block.heads, (self._sums, self._largest, self._total)
        self._times(block.qkv, x, self._query, norm=block.norm1, cache=(keys, values), rows=8)
        _attend[heads, self._parts](
            self._query, keys, values, self._place, *parts, keys.shape[2], SPAN=SPAN, num_warps=4, **self._launch
        )
        _combine[(heads,)](*parts, self._attended, PARTS=self._parts, num_warps=1, **self._launch)
        self._times(block.out, self._attended, x, add=True, rows=4)
        self._times(block.up, x, self._inner, norm=block.norm2, gelu=True, rows=8)
        self._times(block.down, self._inner, x, add=True, rows=2)

    def _times(
        self,
        layer: nn.Linear,
        x: torch.Tensor,
        out: torch.Tensor,
        *,
        rows: int,
        norm: nn.LayerNorm | None = None,
        cache: tuple[torch.Tensor, torch.Tensor] | None = None,
        gelu: bool = False,
        add: bool = False,
    ) -> None:
        """A layer, `rows` rows a program. What is not used stands in for what is not there."""
        count, k = layer.weight.shape
        gain, shift = (norm.weight, norm.bias) if norm is not None else (x, x)
        keys, values = cache or (x, x)
        _linear[(triton.cdiv(count, rows),)](
            x, layer.weight, layer.bias, out, gain, shift, keys, values, self._place, count, self._keys.shape[3],
            K=k, TILE=triton.next_power_of_2(k), ROWS=rows, NORM=norm is not None, GELU=gelu, ADD=add,
            CACHE=cache is not None, num_warps=4, **self._launch,
        )  # fmt: skip
