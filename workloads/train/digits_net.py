"""The net that reads digits, and the optimizer that trains it. Knows nothing of runs and measuring."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from torch import nn

from workloads.device import image_layout

CLASSES = 10


class DigitsNet(nn.Module):
    """Three 3×3 convolutions with batch norm, one pooling, one linear layer. w is the width.

    FLOPs of a forward pass, a multiplication and an addition counted as two, of one image:
    2·64·9·w + 2·64·9·w·2w + 2·16·9·2w·4w + 2·64w·10 = 1,152 w + 2,304 w² + 2,304 w² + 1,280 w.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.first = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.second = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.third = nn.Conv2d(2 * width, 4 * width, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for channels in (width, 2 * width, 4 * width))
        self.last = nn.Linear(4 * width * 16, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 8, 8) → (N, 10) logits."""
        x = F.relu(self.norms[0](self.first(x)))  # (N, w, 8, 8)
        x = F.relu(self.norms[1](self.second(x)))  # (N, 2w, 8, 8)
        x = F.max_pool2d(x, 2)  # (N, 2w, 4, 4)
        x = F.relu(self.norms[2](self.third(x)))  # (N, 4w, 4, 4)
        logits: torch.Tensor = self.last(x.flatten(1))  # (N, 64w) → (N, 10)
        return logits


def build_net(width: int, device: torch.device, *, seed: int) -> DigitsNet:
    """A net with weights drawn from the seed on the host, so that every device starts with the same ones."""
    torch.manual_seed(seed)
    return placed(DigitsNet(width), device)


def placed(net: DigitsNet, device: torch.device) -> DigitsNet:
    """The net on the device, its weights laid out as that works best."""
    on_device: DigitsNet = net.to(device, memory_format=image_layout(device))  # type: ignore[call-overload]
    return on_device


def build_optimizer(net: nn.Module, learning_rate: float) -> torch.optim.AdamW:
    """AdamW in one kernel for all weights."""
    return torch.optim.AdamW(net.parameters(), lr=learning_rate, fused=True)
