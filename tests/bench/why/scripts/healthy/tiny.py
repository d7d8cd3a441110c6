"""A tiny classifier, in large batches that lie on the device."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=512)
args = parser.parse_args()
torch.set_float32_matmul_precision("high")

x = torch.rand(8 * args.batch, 64, device=args.device)
y = nn.functional.one_hot(torch.randint(0, 10, (len(x),), device=args.device), 10).float()
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)).to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(args.steps):
    first = step % 8 * args.batch
    batch, labels = x[first : first + args.batch], y[first : first + args.batch]
    loss = nn.functional.binary_cross_entropy_with_logits(model(batch), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 1000 == 0:
        print(f"step {step} loss {loss.item():.3f}")
