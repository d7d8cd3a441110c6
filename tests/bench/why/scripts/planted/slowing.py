"""A linear readout over a reservoir, whose running mean is computed anew from all that was seen."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

model = nn.Sequential(nn.Linear(args.width, args.width), nn.Tanh(), nn.Linear(args.width, args.width))
model.to(args.device)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-4)
inputs = torch.randn(64, args.width, device=args.device)
losses = []
for step in range(args.steps):
    output = model(inputs)
    loss = (output - inputs).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.detach())
    if args.fixed:
        losses = losses[-1:]
    mean = 0.0
    for each in losses:
        mean = mean + each
    mean = mean / len(losses)
