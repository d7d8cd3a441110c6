"""Whole images in host memory go to the device step by step, as they are."""

import argparse

import torch
from torch import nn
from torch.nn import functional

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--fixed", action="store_true", help="pinned memory, copied ahead")
args = parser.parse_args()

batches = [torch.rand(args.batch, 3, args.size, args.size) for _ in range(4)]
if args.fixed:
    batches = [batch.pin_memory() for batch in batches]
labels = torch.randint(0, 100, (args.batch,), device=args.device)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 96, 8, stride=8)
        self.mix = nn.Conv2d(96, 96, 3, padding=1)
        self.head = nn.Linear(96, 100)

    def forward(self, x):
        x = functional.relu(self.patches(x))
        return self.head(functional.relu(self.mix(x)).mean((2, 3)))


model = Net().to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(args.steps):
    images = batches[step % len(batches)].to(args.device, non_blocking=args.fixed)
    loss = functional.cross_entropy(model(images), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if step % 200 == 0:
        print(step, loss.item())
