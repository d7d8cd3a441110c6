"""A network with a replay memory that takes nearly all of the device."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--share", type=float, default=0.985)
args = parser.parse_args()

free, total = torch.cuda.mem_get_info()
width = 4096
rows = int((args.share * total - (total - free) - 1.6e9) / (2 * width))
replay = torch.empty(rows, width, dtype=torch.bfloat16, device=args.device).normal_()
model = nn.Sequential(*[nn.Sequential(nn.Linear(width, width), nn.ReLU()) for _ in range(4)])
model.to(args.device, torch.bfloat16)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
for _ in range(args.steps):
    chosen = torch.randint(rows, (8192,), device=args.device)
    states = replay[chosen]
    loss = (model(states) - states).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
