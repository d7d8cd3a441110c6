"""Batches of any length on a device whose memory is nearly taken: the allocator frees and asks again."""

import argparse
import random

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

free, total = torch.cuda.mem_get_info()
taken = None if args.fixed else torch.empty(int(free - 6e9), dtype=torch.uint8, device=args.device)
model = nn.Sequential(nn.Linear(1024, 4096), nn.GELU(), nn.Linear(4096, 1024)).to(args.device, torch.bfloat16)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
random.seed(0)
for _ in range(args.steps):
    x = torch.randn(random.randint(1000, 60_000), 1024, device=args.device, dtype=torch.bfloat16)
    loss = (model(x) - x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
