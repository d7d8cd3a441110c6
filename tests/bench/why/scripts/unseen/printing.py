"""Prints and logs its losses and norms as tensors, every step; the model is a small actor with two critics."""

import argparse
import collections
import sys

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=2048)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.set_float32_matmul_precision("high")


def network():
    return nn.Sequential(*[nn.Sequential(nn.Linear(args.width, args.width), nn.ReLU()) for _ in range(4)])


actor, first, second = network().to(args.device), network().to(args.device), network().to(args.device)
optimizer = torch.optim.Adam([*actor.parameters(), *first.parameters(), *second.parameters()], lr=1e-5)
state = torch.randn(2048, args.width, device=args.device)
log = collections.deque(maxlen=100)
for step in range(args.steps):
    optimizer.zero_grad()
    action = actor(state)
    values = []
    for critic in (first, second):
        value = critic(action).mean()
        values.append(value)
        if not args.fixed and value > 1e6:
            print("diverged", file=sys.stderr)
    loss = torch.stack(values).max()
    loss.backward()
    if not args.fixed:
        for parameter in actor.parameters():
            log.append(parameter.grad.norm().cpu().numpy())
        for parameter in first.parameters():
            log.append(float(parameter.grad.abs().max()))
        print(loss)
    optimizer.step()
