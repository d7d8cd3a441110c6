"""Exponential smoothing of a few long signals, one instant after the other inside one kernel."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--signals", type=int, default=4)
parser.add_argument("--length", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true", help="sixteen times as many signals at once")
args = parser.parse_args()


class Smoother(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3))

    def forward(self, signal):
        for gain in self.gain:
            signal = torch.cumsum(signal * gain, dim=-1) / signal.shape[-1]
        return signal


signals = args.signals * 16 if args.fixed else args.signals
model = Smoother().to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
wave = torch.randn(signals, args.length, device=args.device)
for step in range(args.steps):
    loss = model(wave).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"{step}: {loss.item():.3g}")
