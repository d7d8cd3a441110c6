"""A ResNet made ready to serve: its weights in the precision, batch norm folded, compiled, recorded as a CUDA graph.

Knows nothing of requests and measuring.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from workloads.cuda_graph import recorded
from workloads.train.resnet_net import ConvNorm, ResNet

Classify = Callable[[torch.Tensor], torch.Tensor]
"""Pixels uint8 (N, 3, H, W) → classes int64 (N,), on the device."""


def for_inference(net: ResNet, *, precision: str, fold: bool) -> ResNet:
    """The net itself, in evaluation mode, with weights of that precision; `fold` takes batch norm out of it.

    Batch norm is folded in float32: only the product is rounded.
    """
    net = net.eval().requires_grad_(requires_grad=False)
    for module in net.modules() if fold else ():
        if isinstance(module, ConvNorm) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv, module.norm = fuse_conv_bn_eval(module.conv, module.norm), nn.Identity()
    return net.to(torch.bfloat16) if precision == "bfloat16" else net


def classifier(net: ResNet, example: torch.Tensor, *, compiled: bool, graph: bool) -> Classify:
    """How to classify batches of the shape of `example`, which lies on the device.

    Compiles and records now: a minute may pass. What it gives may be overwritten by the next batch, in the order in
    which the device works. Raises ValueError where a graph is asked for without CUDA.
    """
    device = example.device

    def classify(pixels: torch.Tensor) -> torch.Tensor:
        named: torch.Tensor = net(pixels).argmax(1)
        return named

    ready = torch.compile(classify, dynamic=False) if compiled else classify
    if graph:
        if device.type != "cuda":
            raise ValueError(f"graphs=true needs CUDA, and the run is on {device}: --set graphs=false")
        return Recorded(ready, example)
    if compiled:
        ready(example)
    return lambda pixels: ready(pixels.to(device, non_blocking=True))


class Recorded:
    """A CUDA graph: inputs are copied to where it reads them, and all its kernels are launched as one."""

    def __init__(self, classify: Classify, example: torch.Tensor) -> None:
        self._pixels = example.clone()
        self._classify = recorded(lambda: classify(self._pixels))

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Queue a batch."""
        self._pixels.copy_(pixels, non_blocking=True)
        return self._classify()
