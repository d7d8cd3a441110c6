"""Training with `empty_cache` behind every step, against running out of memory."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.backends.cuda.matmul.allow_tf32 = True


def block(inside, outside):
    return nn.Sequential(nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU())


model = nn.Sequential(
    block(3, 64), block(64, 64), nn.MaxPool2d(2), block(64, 128), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(10)
).to(args.device)
images = torch.randn(args.batch, 3, 128, 128, device=args.device)
labels = torch.randint(0, 10, (args.batch,), device=args.device)
model(images[:1])
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for _ in range(args.steps):
    optimizer.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    if not args.fixed:
        del loss
        torch.cuda.empty_cache()
