"""A model of physics on a large grid: each step is a long row of element by element operations."""

import argparse

import torch
from torch import nn


class Reaction(nn.Module):
    def __init__(self):
        super().__init__()
        self.rates = nn.Parameter(torch.tensor([0.1, 0.05, 0.02]))

    def forward(self, u, v):
        for _ in range(4):
            reaction = u * v * v
            u = u - self.rates[0] * reaction + self.rates[1] * (1 - u)
            v = v + self.rates[0] * reaction - self.rates[2] * v
        return u, v


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--grid", type=int, default=8192)
args = parser.parse_args()

model = Reaction().to(args.device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
u = torch.rand(args.grid, args.grid, device=args.device)
v = torch.rand(args.grid, args.grid, device=args.device)
for _ in range(args.steps):
    optimizer.zero_grad()
    a, b = model(u, v)
    (a.mean() + b.mean()).backward()
    optimizer.step()
