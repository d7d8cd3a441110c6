"""A deep and very narrow residual network on a small batch, optimised by hand."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--fixed", action="store_true", help="a batch that is 64 times as large")
args = parser.parse_args()

if args.fixed:
    args.batch *= 64


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width)
        self.down = nn.Linear(width, width)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))


model = nn.Sequential(nn.Linear(16, 32), *[Block(32) for _ in range(24)], nn.Linear(32, 1)).to(args.device)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, foreach=False)
inputs = torch.randn(args.batch, 16, device=args.device)
targets = inputs.sum(1, keepdim=True)

for step in range(args.steps):
    optimizer.zero_grad()
    loss = (model(inputs) - targets).square().mean()
    loss.backward()
    optimizer.step()
    if step % 500 == 0:
        print(f"step {step}: loss {loss.item():.4f}")
