"""ResNet-18 and ResNet-50, and the optimizer that trains them. Knows nothing of runs and measuring.

He, Zhang, Ren, Sun: Deep residual learning for image recognition (2015). ResNet-50 is v1.5: where a block halves
the image, its 3×3 convolution does, not the 1×1 before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from workloads.device import image_layout

CLASSES: Final = 1000
"""Of ImageNet; a folder of images has its own."""
MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, where white is 1."""


@dataclass(frozen=True)
class Shape:
    """What makes one of the nets."""

    blocks: tuple[int, int, int, int]
    """Blocks of each stage; every stage but the first halves the image."""
    bottleneck: bool
    """Blocks of 1×1, 3×3, 1×1 with four times the channels at the end, in the place of two 3×3."""


SHAPES: Final = {
    "resnet18": Shape((2, 2, 2, 2), bottleneck=False),
    "resnet50": Shape((3, 4, 6, 3), bottleneck=True),
}


class ConvNorm(nn.Module):
    """A convolution that keeps the size (but for its stride), and batch norm."""

    def __init__(self, taken: int, given: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(taken, given, kernel, stride, padding=kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(given)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, taken, H, W) → (N, given, H / stride, W / stride)."""
        out: torch.Tensor = self.norm(self.conv(x))
        return out


class Block(nn.Module):
    """What is learned is what to add to the input."""

    def __init__(self, taken: int, width: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        self.given = 4 * width if bottleneck else width
        relu = nn.ReLU(inplace=True)
        self.branch = (
            nn.Sequential(
                ConvNorm(taken, width, 1), relu, ConvNorm(width, width, 3, stride), relu, ConvNorm(width, self.given, 1)
            )
            if bottleneck
            else nn.Sequential(ConvNorm(taken, width, 3, stride), relu, ConvNorm(width, width, 3))
        )
        changes = stride > 1 or taken != self.given
        self.shortcut = ConvNorm(taken, self.given, 1, stride) if changes else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, taken, H, W) → (N, given, H / stride, W / stride)."""
        out: torch.Tensor = self.branch(x)
        return out.add_(self.shortcut(x)).relu_()


class ResNet(nn.Module):
    """Takes images as bytes and normalises them itself: a byte a colour is what travels."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, name: str, classes: int = CLASSES) -> None:
        super().__init__()
        shape = SHAPES[name]
        for label, values in (("mean", MEAN), ("deviation", DEVIATION)):
            self.register_buffer(label, 255 * torch.tensor(values).reshape(3, 1, 1), persistent=False)
        self.first = ConvNorm(3, 64, 7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        blocks: list[Block] = []
        for stage, count in enumerate(shape.blocks):
            for place in range(count):
                stride = 2 if stage and not place else 1
                taken = blocks[-1].given if blocks else 64
                blocks.append(Block(taken, 64 * 2**stage, stride, bottleneck=shape.bottleneck))
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Linear(blocks[-1].given, classes)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 (N, 3, H, W) → (N, classes) logits."""
        x = (pixels - self.mean) / self.deviation
        x = self.pool(self.first(x).relu_())  # (N, 64, H / 4, W / 4)
        x = self.blocks(x)  # (N, given, H / 32, W / 32)
        logits: torch.Tensor = self.last(x.mean((2, 3)))
        return logits


def build_resnet(name: str, device: torch.device, *, seed: int, classes: int = CLASSES, still: bool = True) -> ResNet:
    """A net with weights drawn from the seed on the host, so that every device starts with the same ones.

    Convolutions are drawn as by He et al. (2015). `still`: every block begins by adding nothing, its last batch norm
    being zero (Goyal et al., 2017). That trains better; a net that is not trained would only compute with zeros.
    """
    torch.manual_seed(seed)
    net = ResNet(name, classes)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif still and isinstance(module, Block):
            nn.init.zeros_(module.branch[-1].norm.weight)  # type: ignore[union-attr, arg-type]
    return net.to(device, memory_format=image_layout(device))  # type: ignore[call-overload, no-any-return]


def build_optimizer(
    net: nn.Module, fused: bool = True, /, *, learning_rate: float, momentum: float, weight_decay: float
) -> torch.optim.SGD:
    """SGD with momentum, in one kernel for all weights where it is `fused`."""
    return torch.optim.SGD(
        net.parameters(), lr=learning_rate, momentum=momentum, weight_decay=weight_decay, fused=fused
    )


def search_convolutions() -> None:
    """Let cuDNN try its ways to compute each convolution, once for every shape, and keep the fastest."""
    torch.backends.cudnn.benchmark = True
