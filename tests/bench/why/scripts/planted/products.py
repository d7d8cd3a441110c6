"""A stack of large layers in bfloat16: matrix products and little else."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=512)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--layers", type=int, default=4)
args = parser.parse_args()

dtype = torch.bfloat16 if args.device == "cuda" else torch.float32
model = nn.Sequential(*[nn.Linear(args.width, args.width, bias=False) for _ in range(args.layers)])
model.to(args.device, dtype)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
x = torch.randn(args.batch, args.width, device=args.device, dtype=dtype)
for step in range(args.steps):
    optimizer.zero_grad()
    model(x).mean().backward()
    optimizer.step()
    if step % 100 == 99:
        print("step", step + 1, flush=True)
