"""One file a sample, read and parsed as text in the training loop itself; no DataLoader."""

import argparse
import random
import tempfile
from pathlib import Path

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

folder = tempfile.TemporaryDirectory()
for number in range(256):
    row = ",".join(f"{random.random():.6f}" for _ in range(1024))
    Path(folder.name, f"{number}.csv").write_text(row)


def load(number):
    text = Path(folder.name, f"{number}.csv").read_text()
    return torch.tensor([float(value) for value in text.split(",")])


def get_batch():
    return torch.stack([source(random.randrange(256)) for _ in range(32)])


cache = [load(number) for number in range(256)]
source = cache.__getitem__ if args.fixed else load
model = nn.Sequential(nn.Linear(1024, 256), nn.ReLU(), nn.Linear(256, 1024)).to(args.device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(args.steps):
    x = get_batch().to(args.device)
    loss = (model(x) - x).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
folder.cleanup()
