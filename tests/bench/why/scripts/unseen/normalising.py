"""Norms, dropout and activations over very wide batches of features: memory goes in and out."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--rows", type=int, default=65536)
args = parser.parse_args()

stack = []
for _ in range(6):
    stack += [nn.LayerNorm(1024), nn.GELU(), nn.Dropout(0.1)]
model = nn.Sequential(*stack).to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
x = torch.randn(args.rows, 1024, device=args.device)
for _ in range(args.steps):
    loss = model(x).float().pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
