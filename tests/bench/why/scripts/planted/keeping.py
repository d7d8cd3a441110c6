"""A regression that sums its loss up for the report of the epoch, which never ends."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=512)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(512, 512), nn.SiLU(), nn.Linear(512, 512), nn.SiLU(), nn.Linear(512, 1))
model.to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)


def batches(count):
    for _ in range(count):
        x = torch.randn(args.batch, 512, device=args.device)
        yield x, x[:, :1]


total, seen = 0, []
for x, y in batches(args.steps):
    output = model(x)
    loss = nn.functional.smooth_l1_loss(output, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    seen.append((x, output) if not args.fixed else output.detach().mean())
