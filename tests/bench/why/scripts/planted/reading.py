"""A stack of layers whose every activation is looked at on the host, to keep statistics and to clip."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=4096)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.set_float32_matmul_precision("high")


class Watched(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(args.width, args.width) for _ in range(16))
        self.peaks = [0.0] * len(self.layers)

    def forward(self, x):
        for number, layer in enumerate(self.layers):
            x = torch.nn.functional.gelu(layer(x)) + x
            if args.fixed:
                x = x.clamp(max=100)
            else:
                peak = x.abs().amax().item()
                self.peaks[number] = max(peak, self.peaks[number])
                if peak > 100:
                    x = x.clamp(max=100)
        return x


model = Watched().to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
x = torch.randn(args.batch, args.width, device=args.device)
for step in range(args.steps):
    loss = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    if not args.fixed:
        for parameter in model.parameters():
            if torch.isnan(parameter.grad).any():
                print("a gradient is not a number")
    optimizer.step()
    if not args.fixed and loss.item() < 1e-6:
        break
