"""probe/attention: how many floating-point operations a second does scaled dot-product attention do?

Each shape is measured whole and causal, forward alone and forward with backward. A call is one
`scaled_dot_product_attention` over all batches and heads, on random numbers as a trained model's are: mean 0,
deviation 1. With backward it is the gradients of query, key and value besides.

FLOPs are counted as the FlashAttention-2 paper does (Dao 2023, arXiv:2307.08691, section 4.1), so that its
figures and these can be compared: forward 4 · B · H · T² · D, which are two matrix products; backward 2.5 times as
many, five products, of which one is the recomputation that every memory-efficient backward does; causal half of
either. The bytes are those that must move: query, key, value and output each once, and backward their gradients.

`backend` names one of torch's implementations; `auto` is the one that torch would take.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Final, NamedTuple

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from workloads.device import DTYPES, use_precision
from workloads.probe.probing import Case, Step, probe_cases
from workloads.run import Run, Work

DURATION_S: Final = 20.0
BACKWARD: Final = 2.5
"""Operations of backward for one of forward."""

BACKENDS: Final = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
}


class Shape(NamedTuple):
    """Of query, key and value alike."""

    batch: int
    heads: int
    length: int
    """Tokens of a sequence."""
    dimension: int
    """Of a head."""


def run(run: Run) -> None:
    """Attend, shape by shape. Raises ValueError where the backend cannot do it."""
    precision = run.text("precision")
    use_precision(precision, run.device)
    shapes = shapes_of(run.text("shapes"))
    cases = [case for shape in shapes for causal in (False, True) for case in _cases(run, shape, causal=causal)]
    with backend_of(run.text("backend")):
        _try(run, shapes[0])
        run.started(Work(precision, None, None))
        probe_cases(run, cases, duration_s=DURATION_S)


def shapes_of(text: str) -> tuple[Shape, ...]:
    """`16x16x1024x128,…` → shapes: batch, heads, length, dimension. The catalogue has checked the text."""
    return tuple(Shape(*map(int, shape.split("x"))) for shape in text.split(","))


def backend_of(name: str) -> AbstractContextManager[object]:
    """A context in which torch attends by that implementation alone."""
    return nullcontext() if name == "auto" else sdpa_kernel(BACKENDS[name])


def forward_flops(shape: Shape, *, causal: bool) -> float:
    """Of one call: two products of T×D by D×T and T×T by T×D for every head; half of the T×T when causal."""
    whole = 4.0 * shape.batch * shape.heads * shape.length**2 * shape.dimension
    return whole / 2 if causal else whole


def _cases(run: Run, shape: Shape, *, causal: bool) -> Iterator[Case]:
    name = "×".join(map(str, shape)) + (" causal" if causal else "")
    once, inner = forward_flops(shape, causal=causal), run.integer("inner")
    size = float(shape.batch * shape.heads * shape.length * shape.dimension * DTYPES[run.text("precision")].itemsize)
    # Forward reads three and writes one; backward reads those four and a gradient, and writes three.
    yield Case(f"{name} fwd", partial(_forward, run, shape, causal), inner, once, 4 * size)
    yield Case(f"{name} fwd+bwd", partial(_both, run, shape, causal), inner, once * (1 + BACKWARD), 12 * size)


def _inputs(run: Run, shape: Shape, count: int) -> list[torch.Tensor]:
    generator = torch.Generator(run.device).manual_seed(run.order.seed)
    dtype = DTYPES[run.text("precision")]
    return [torch.randn(*shape, generator=generator, device=run.device).to(dtype) for _ in range(count)]


def _forward(run: Run, shape: Shape, causal: bool) -> Step:
    query, key, value = _inputs(run, shape, 3)
    inner = run.integer("inner")

    @torch.inference_mode()
    def step() -> None:
        for _ in range(inner):
            scaled_dot_product_attention(query, key, value, is_causal=causal)

    return step


def _both(run: Run, shape: Shape, causal: bool) -> Step:
    query, key, value, gradient = _inputs(run, shape, 4)
    inner, inputs = run.integer("inner"), tuple(tensor.requires_grad_() for tensor in (query, key, value))

    def step() -> None:
        for _ in range(inner):
            output = scaled_dot_product_attention(query, key, value, is_causal=causal)
            torch.autograd.grad(output, inputs, gradient)

    return step


def _try(run: Run, shape: Shape) -> None:
    """Attend once, and say in one line when there is no way to."""
    try:
        _forward(run, shape._replace(batch=1), causal=False)()
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        if "kernel" not in str(error) and "backend" not in str(error):
            raise
        raise ValueError(
            f"torch's {run.text('backend')} attention does not do {run.text('precision')} with heads of "
            f"{shape.dimension} on {run.device}: --set backend=auto"
        ) from error
