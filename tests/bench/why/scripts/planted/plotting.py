"""A small model, and where its points were now and then, kept for a plot at the end that never comes."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--every", type=int, default=4)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

layers = [part for _ in range(12) for part in (nn.Linear(64, 64), nn.LayerNorm(64), nn.Tanh())]
model = nn.Sequential(*layers, nn.Linear(64, 64)).to(args.device)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, foreach=False)
points = torch.randn(16384, 64, device=args.device)
history = []

for step in range(args.steps):
    batch = points[torch.randint(0, 16384, (64,), device=args.device)]
    optimizer.zero_grad()
    loss = (model(batch) - batch).square().mean()
    loss.backward()
    optimizer.step()
    if not args.fixed and step % args.every == 0:
        history.append(points + 0.01 * step)
