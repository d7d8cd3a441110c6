"""Looks at a large held-out set every forty steps."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--held", type=int, default=100_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.set_float32_matmul_precision("high")

model = nn.Sequential(
    nn.Linear(64, args.width), nn.ReLU(), nn.Linear(args.width, args.width), nn.ReLU(), nn.Linear(args.width, 2)
).to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
held_out = torch.randn(args.held, 64)
best = 0.0


def validate():
    model.eval()
    right = 0
    with torch.no_grad():
        for part in held_out.split(1000):
            part = part.to(args.device)
            right += (model(part).argmax(1) == (part[:, 0] > 0).long()).sum().item()
    model.train()
    return right / len(held_out)


for step in range(1, args.steps + 1):
    x = torch.randn(1024, 64, device=args.device)
    loss = nn.functional.cross_entropy(model(x), (x[:, 0] > 0).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0 and not args.fixed:
        best = max(best, validate())
