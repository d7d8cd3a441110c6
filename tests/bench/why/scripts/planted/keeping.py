"""A regression that sums its loss up for the report of the epoch, which never ends."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=512)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--every", type=int, default=1)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

torch.manual_seed(0)
torch.set_float32_matmul_precision("high")
width = args.width
model = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 1))
model.to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)


def batches(count):
    for _ in range(count):
        x = torch.randn(args.batch, args.width, device=args.device)
        yield x, x[:, :1]


total, seen = 0, []
for step, (x, y) in enumerate(batches(args.steps)):
    output = model(x)
    loss = nn.functional.smooth_l1_loss(output, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % args.every == 0:
        seen.append((x, output) if not args.fixed else output.detach().mean())
