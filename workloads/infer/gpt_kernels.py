"""A decode step of one sequence on CUDA in six kernels a block, which read every weight exactly once.

One sequence is a chain of products of a matrix with one vector, and what limits it is not arithmetic but memory
and the gaps between kernels. So norm, bias, GELU, residual, cache and choice are done by the product beside them, and
each kernel fetches its first weights while the one before it still runs (programmatic dependent launch, compute
capability 9.0 and later): only what that one writes is waited for. So a kernel takes no more of the device than it
needs to keep the memory busy, and leaves the rest to the next one.

A norm does not stand before the product: W · norm(x) is scale · (W · (gain * x) − mean · (W · gain)) + W · shift, of
which W · gain and W · shift never change. Mean and scale are then found while weights are still on their way.
"""

from __future__ import annotations

from typing import Final, NamedTuple, cast

import torch
import triton
import triton.language as tl
from torch import nn
from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait

from workloads.train.gpt_net import GPT, Block

SPAN: Final = 128
"""Keys that one program looks at; like the shapes below, the fastest of those tried on an H200."""


class Shape(NamedTuple):
    """How the rows of a product are shared out."""

    rows: int
    """That a program holds at once; it holds two such tiles."""
    warps: int
    tiles: int
    """That a program works through, at most: with few programs there is room for those of the next kernel."""


QKV: Final = Shape(rows=8, warps=4, tiles=2)
OUT: Final = Shape(rows=4, warps=8, tiles=1)
UP: Final = Shape(rows=4, warps=4, tiles=4)
DOWN: Final = Shape(rows=2, warps=4, tiles=4)
HEAD: Final = Shape(rows=4, warps=4, tiles=6)

FEWEST: Final = 1.5
"""Programs a multiprocessor: with fewer, too few bytes are on their way from memory."""


@triton.jit
def _tile(w, tile, k, rows, K: tl.constexpr, ROWS: tl.constexpr):
    """So many rows of w (rows, K)."""
    row = tile * ROWS + tl.arange(0, ROWS)
    return tl.load(w + row[:, None] * K + k[None, :], mask=(row < rows)[:, None] & (k < K)[None, :], other=0.0)


@triton.jit
def _add_pairs(a, b, c, d):
    return a + c, b + d


@triton.jit
def _keep(result, row, rows, query, keys, values, here, length, EACH: tl.constexpr):
    """Rows of query, key and value to where they belong."""
    width = rows // 3
    within = row % width
    at = (within // EACH * length + here) * EACH + within % EACH
    tl.store(query + row, result, mask=row < width)
    tl.store(keys + at, result, mask=(row >= width) & (row < 2 * width))
    tl.store(values + at, result, mask=(row >= 2 * width) & (row < rows))


@triton.jit
def _linear(  # noqa: PLR0912, PLR0915 - one kernel, of which each product compiles the branches that it needs
    x, w, offset, out, gain, slope, keys, values, place, rows, length,
    COUNT: tl.constexpr, K: tl.constexpr, TILE: tl.constexpr, ROWS: tl.constexpr, EACH: tl.constexpr,
    NORM: tl.constexpr, GELU: tl.constexpr, ADD: tl.constexpr, CACHE: tl.constexpr, BEST: tl.constexpr,
    AHEAD: tl.constexpr,
):  # fmt: skip
    """The product of w (rows, K) and x (K,), with what comes before and after it, to out (rows,) or query and cache.

    BEST: to the largest item of each program's rows (programs,) and its row, in `keys`.
    """
    k = tl.arange(0, TILE)
    tile = tl.program_id(0) * COUNT
    if AHEAD:
        gdc_launch_dependents()
    weights = _tile(w, tile, k, rows, K, ROWS)
    if COUNT > 1:
        coming = _tile(w, tile + 1, k, rows, K, ROWS)
    if NORM:
        factor = tl.load(gain + k, mask=k < K, other=0.0).to(tl.float32)
    if AHEAD:
        gdc_launch_dependents()  # once more: without it the loads above come late, and a step takes 5 % longer
        gdc_wait()
    vector = tl.load(x + k, mask=k < K, other=0.0).to(tl.float32)
    if NORM:
        total, squares = tl.reduce((vector, vector * vector), 0, _add_pairs)
        mean = total / K
        scale = tl.rsqrt(squares / K - mean * mean + 1e-5)
        vector *= factor
    if CACHE:
        here = tl.load(place)
    if BEST:
        largest, chosen = -float("inf"), 0
    for i in tl.static_range(COUNT):
        if i + 2 < COUNT:
            later = _tile(w, tile + 2, k, rows, K, ROWS)
        row = tile * ROWS + tl.arange(0, ROWS)
        there = row < rows
        result = tl.sum(weights.to(tl.float32) * vector[None, :], 1)
        if NORM:
            result = scale * (result - mean * tl.load(slope + row, mask=there, other=0.0))
        result += tl.load(offset + row, mask=there, other=0.0)
        if GELU:  # x · sigmoid(2u) is 0.5 · x · (1 + tanh u)
            result *= tl.sigmoid(1.5957691216057308 * (result + 0.044715 * result * result * result))
        if ADD:
            result += tl.load(out + row, mask=there, other=0.0).to(tl.float32)
        if CACHE:
            _keep(result, row, rows, out, keys, values, here, length, EACH)
        elif BEST:
            result = tl.where(there, result, -float("inf"))
            most = tl.max(result, 0)
            if most > largest:
                largest, chosen = most, tile * ROWS + tl.argmax(result, 0)
        else:
            tl.store(out + row, result, mask=there)
        tile += 1
        if i + 1 < COUNT:
            weights = coming
        if i + 2 < COUNT:
            coming = later
    if BEST:
        tl.store(out + tl.program_id(0), largest)
        tl.store(keys + tl.program_id(0), chosen)


@triton.jit
def _choose(largest, chosen, token, place, count, MOST: tl.constexpr, AHEAD: tl.constexpr):
    """The row of the largest of (count,) to token, and the place is one further."""
    program = tl.arange(0, MOST)
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    items = tl.load(largest + program, mask=program < count, other=-float("inf"))
    tl.store(token, tl.load(chosen + tl.argmax(items, 0)).to(tl.int64))
    tl.store(place, tl.load(place) + 1)


@triton.jit
def _attend(
    q, keys, values, place, sums, largest, total, length,
    EACH: tl.constexpr, SPAN: tl.constexpr, AHEAD: tl.constexpr,
):  # fmt: skip
    """One head's query against its part of the keys: sums (parts, heads, EACH), largest score, total (parts, heads)."""
    head, part, heads = tl.program_id(0), tl.program_id(1), tl.num_programs(0)
    e, s = tl.arange(0, EACH), tl.arange(0, SPAN)
    if AHEAD:
        gdc_launch_dependents()
    here = tl.load(place)
    before = part * SPAN + s < here
    at = (head * length + part * SPAN + s)[:, None] * EACH + e[None, :]
    # What earlier steps left does not change any more; only the newest key and value are waited for.
    key = tl.load(keys + at, mask=before[:, None], other=0.0).to(tl.float32)
    value = tl.load(values + at, mask=before[:, None], other=0.0).to(tl.float32)
    if AHEAD:
        gdc_launch_dependents()  # as in _linear
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
def _combine(sums, largest, total, out, parts, EACH: tl.constexpr, MOST: tl.constexpr, AHEAD: tl.constexpr):
    """The parts of one head's attention → its share of out (heads · EACH,)."""
    head, heads = tl.program_id(0), tl.num_programs(0)
    e, part = tl.arange(0, EACH), tl.arange(0, MOST)
    there = part < parts
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    most = tl.load(largest + part * heads + head, mask=there, other=float("-inf"))
    scale = tl.exp(most - tl.max(most, 0))
    each = tl.load(sums + (part[:, None] * heads + head) * EACH + e[None, :], mask=there[:, None], other=0.0)
    whole = tl.sum(tl.load(total + part * heads + head, mask=there, other=0.0) * scale, 0)
    tl.store(out + head * EACH + e, tl.sum(each * scale[:, None], 0) / whole)


@triton.jit
def _embed(token, place, tokens, places, x, K: tl.constexpr, TILE: tl.constexpr, AHEAD: tl.constexpr):
    """What stands for a token at a place: to x (K,)."""
    k = tl.arange(0, TILE)
    if AHEAD:
        gdc_launch_dependents()
        gdc_wait()
    what = tl.load(tokens + tl.load(token) * K + k, mask=k < K, other=0.0).to(tl.float32)
    where = tl.load(places + tl.load(place) * K + k, mask=k < K, other=0.0).to(tl.float32)
    tl.store(x + k, what + where, mask=k < K)


class Product(NamedTuple):
    """A layer, made ready."""

    weight: torch.Tensor
    """(rows, K)"""
    offset: torch.Tensor
    """float32 (rows,): what is added to each row."""
    gain: torch.Tensor | None
    """(K,) of the norm before it; None: there is none."""
    slope: torch.Tensor | None
    """float32 (rows,): the product of the weight with that gain."""
    shape: Shape


class OneSequence:
    """The blocks of a net and the choice of the next token, for one token of one sequence."""

    def __init__(self, net: GPT, keys: torch.Tensor, values: torch.Tensor, place: torch.Tensor) -> None:
        """`keys` and `values` are (layers, 1, heads, length, each), `place` int64 (1,): where the token stands.

        The net's weights must not change any more.
        """
        self._keys, self._values, self._place = keys, values, place
        width, heads = net.size.width, net.size.heads
        self._heads, self._each = heads, width // heads
        self._parts = triton.cdiv(keys.shape[3], SPAN)
        self._tokens, self._places = net.tokens.weight, net.places.weight
        self._processors = torch.cuda.get_device_properties(keys.device).multi_processor_count
        self._blocks = [_ready(block) for block in cast("list[Block]", list(net.blocks))]
        self._head = _product(net.tokens.weight, None, net.norm, HEAD)
        with keys.device:
            self._x, self._query, self._attended = torch.empty(3, width, dtype=keys.dtype)
            self._inner = torch.empty(4 * width, dtype=keys.dtype)
            self._sums = torch.empty(self._parts, width, dtype=torch.float32)
            self._largest, self._total = torch.empty(2, self._parts, heads, dtype=torch.float32)
            programs = self._programs(self._head)[0]
            self._best, self._chosen = torch.empty(programs), torch.empty(programs, dtype=torch.int32)
        ahead = torch.cuda.get_device_capability(keys.device) >= (9, 0)
        self._launch = {"AHEAD": ahead} | ({"launch_pdl": True} if ahead else {})

    def __call__(self, token: torch.Tensor) -> None:
        """The token at the place, int64 (1, 1) → the next one, in its stead; the place is one further then."""
        x, width = self._x, self._x.shape[0]
        _embed[(1,)](
            token, self._place, self._tokens, self._places, x, K=width, TILE=triton.next_power_of_2(width),
            num_warps=4, **self._launch,
        )  # fmt: skip
        for (qkv, out, up, down), keys, values in zip(self._blocks, self._keys, self._values, strict=True):
            self._times(qkv, x, self._query, cache=(keys, values))
            self._attend(keys, values)
            self._times(out, self._attended, x, add=True)
            self._times(up, x, self._inner, gelu=True)
            self._times(down, self._inner, x, add=True)
        self._times(self._head, x, self._best, best=self._chosen)
        count = self._best.shape[0]
        most = triton.next_power_of_2(count)
        _choose[(1,)](self._best, self._chosen, token, self._place, count, MOST=most, num_warps=4, **self._launch)

    def _attend(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        parts = (self._sums, self._largest, self._total)
        _attend[self._heads, self._parts](
            self._query, keys, values, self._place, *parts, keys.shape[2], EACH=self._each, SPAN=SPAN, num_warps=4,
            **self._launch,
        )  # fmt: skip
        _combine[(self._heads,)](
            *parts, self._attended, self._parts, EACH=self._each, MOST=triton.next_power_of_2(self._parts),
            num_warps=1, **self._launch,
        )  # fmt: skip

    def _programs(self, layer: Product) -> tuple[int, int]:
        """How many programs a product takes, and the largest number of tiles that one of them has."""
        tiles = triton.cdiv(layer.weight.shape[0], layer.shape.rows)
        each = max(1, min(layer.shape.tiles, int(tiles / (FEWEST * self._processors))))
        return triton.cdiv(tiles, each), each

    def _times(
        self,
        layer: Product,
        x: torch.Tensor,
        out: torch.Tensor,
        *,
        cache: tuple[torch.Tensor, torch.Tensor] | None = None,
        gelu: bool = False,
        add: bool = False,
        best: torch.Tensor | None = None,
    ) -> None:
        """One product. What is not used stands in for what is not there."""
        rows, k = layer.weight.shape
        programs, each = self._programs(layer)
        gain, slope = (x, x) if layer.gain is None or layer.slope is None else (layer.gain, layer.slope)
        keys, values = cache or (x if best is None else best, x)
        _linear[(programs,)](
            x, layer.weight, layer.offset, out, gain, slope, keys, values, self._place, rows, self._keys.shape[3],
            COUNT=each, K=k, TILE=triton.next_power_of_2(k), ROWS=layer.shape.rows, NORM=layer.gain is not None,
            EACH=self._each, GELU=gelu, ADD=add, CACHE=cache is not None, BEST=best is not None,
            num_warps=layer.shape.warps, **self._launch,
        )  # fmt: skip


def _ready(block: Block) -> tuple[Product, Product, Product, Product]:
    """Query, key and value; out; up; down."""
    return (
        _product(block.qkv.weight, block.qkv.bias, block.norm1, QKV),
        _product(block.out.weight, block.out.bias, None, OUT),
        _product(block.up.weight, block.up.bias, block.norm2, UP),
        _product(block.down.weight, block.down.bias, None, DOWN),
    )


def _product(weight: torch.Tensor, bias: torch.Tensor | None, norm: nn.LayerNorm | None, shape: Shape) -> Product:
    """What of it never changes is worked out once."""
    wide = weight.detach().float()
    offset = wide.new_zeros(wide.shape[0]) if bias is None else bias.detach().float()
    if norm is None:
        return Product(weight, offset, None, None, shape)
    return Product(weight, offset + wide @ norm.bias.float(), norm.weight, wide @ norm.weight.float(), shape)
