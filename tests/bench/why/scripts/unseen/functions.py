"""A new compiled function for every step, for its constant changes."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

model = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 32)).to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
x = torch.randn(128, 32, device=args.device)


def scaled(strength):
    def loss_of(x):
        return (model(x) * strength - x).square().mean()

    torch.compiler.reset()
    return torch.compile(loss_of, backend="aot_eager")


loss_of = scaled(1.0)
for step in range(args.steps):
    if not args.fixed:
        loss_of = scaled(1.0 + step * 1e-3)
    loss = loss_of(x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
