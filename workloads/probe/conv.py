"""probe/conv: how many floating-point operations a second do convolutions do, of the kinds that ResNet-50 lives on?

A residual block of ResNet-50 is a 1×1 convolution that makes channels fewer, a 3×3 among the few, and a 1×1 that
makes them many again, on pictures of 56², 28², 14² and 7² pixels (He and others 2015, arXiv:1512.03385, table 1).
The first two are measured at each size, forward alone and forward with backward, in which the gradients of
picture and weights are made. Small pictures have many channels: the operations are about as many at each size,
the shapes, and what a device makes of them, are not.

Everything is channels-last, random, and in the precision itself (no autocast). On CUDA cuDNN looks for its fastest
algorithm during the warm-up. FLOPs and bytes are counted by the operators on tensors without memory, before
anything is measured; the bytes are those that the operators ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it

from workloads.counting import count_work
from workloads.device import DTYPES, use_precision
from workloads.probe.probing import Case, Step, probe_cases
from workloads.run import Run, Work

DURATION_S: Final = 20.0


class Convolution(NamedTuple):
    """One of the grid."""

    kernel: int
    """Its width and height."""
    channels: int
    outputs: int
    pixels: int
    """Width and height of the picture, before and after."""


GRID: Final = tuple(
    convolution
    for width, pixels in ((64, 56), (128, 28), (256, 14), (512, 7))
    for convolution in (Convolution(1, 4 * width, width, pixels), Convolution(3, width, width, pixels))
)


def run(run: Run) -> None:
    """Convolve, shape by shape."""
    precision = run.text("precision")
    use_precision(precision, run.device)
    torch.backends.cudnn.benchmark = True
    cases = [_case(run, convolution, backward=backward) for convolution, backward in product(GRID, (False, True))]
    run.started(Work(precision, None, None))
    probe_cases(run, cases, duration_s=DURATION_S)


def _case(run: Run, convolution: Convolution, *, backward: bool) -> Case:
    inner, precision = run.integer("inner"), run.text("precision")
    call = partial(_call, convolution, run.integer("batch"), DTYPES[precision], backward=backward)
    work = count_work(call(torch.device("meta"), None), units=1, precision=precision)
    kernel, channels, outputs, pixels = convolution
    name = f"{kernel}×{kernel} {channels}→{outputs} at {pixels}×{pixels} {'fwd+bwd' if backward else 'fwd'}"

    def build() -> Step:
        once = call(run.device, torch.Generator(run.device).manual_seed(run.order.seed))

        def step() -> None:
            for _ in range(inner):
                once()

        return step

    return Case(name, build, inner, work.flops_per_unit, work.bytes_per_unit)


def _call(
    convolution: Convolution,
    batch: int,
    dtype: torch.dtype,
    device: torch.device,
    generator: torch.Generator | None,
    *,
    backward: bool,
) -> Callable[[], object]:
    """One convolution on random numbers; on the meta device, where there are none, without a generator."""
    kernel, channels, outputs, pixels = convolution

    def random(*shape: int) -> torch.Tensor:
        numbers = torch.randn(*shape, generator=generator, device=device).to(dtype)
        return numbers.contiguous(memory_format=torch.channels_last)

    pictures, weights = random(batch, channels, pixels, pixels), random(outputs, channels, kernel, kernel)
    gradient = random(batch, outputs, pixels, pixels)

    @torch.inference_mode()
    def forward() -> object:
        return F.conv2d(pictures, weights, padding=kernel // 2)

    def both() -> object:
        output = F.conv2d(pictures, weights, padding=kernel // 2)
        return torch.autograd.grad(output, (pictures, weights), gradient)

    if not backward:
        return forward
    pictures.requires_grad_()
    weights.requires_grad_()
    return both
