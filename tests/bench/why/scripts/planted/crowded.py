"""A multi-layer perceptron, which is all right; the machine is full of other work."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=256)
parser.add_argument("--width", type=int, default=512)
args = parser.parse_args()

layers = []
for _ in range(6):
    layers += [nn.Linear(args.width, args.width), nn.ReLU()]
model = nn.Sequential(*layers).to(args.device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
x = torch.randn(args.batch, args.width, device=args.device)

for _ in range(args.steps):
    optimizer.zero_grad()
    loss = (model(x) - x).pow(2).mean()
    loss.backward()
    optimizer.step()
