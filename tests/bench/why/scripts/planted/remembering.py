"""Fine-tunes a head on features of a frozen backbone, which are computed when first needed and then remembered."""

import argparse
import random

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--documents", type=int, default=8000)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--depth", type=int, default=16)
parser.add_argument("--fixed", action="store_true", help="all features before the first step")
args = parser.parse_args()
torch.set_float32_matmul_precision("high")


class Remembering(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.backbone = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)]).requires_grad_(False)
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))
        self.known = {}

    def features(self, number):
        if number not in self.known:
            generator = torch.Generator().manual_seed(number)
            words = torch.randn(64, args.width, generator=generator).to(args.device)
            with torch.no_grad():
                self.known[number] = self.backbone(words).mean(0)
        return self.known[number]

    def forward(self, numbers):
        return self.head(torch.stack([self.features(number) for number in numbers]))


model = Remembering(args.width, args.depth).to(args.device)
if args.fixed:
    for number in range(args.documents):
        model.features(number)
optimizer = torch.optim.AdamW(model.head.parameters(), lr=1e-3)
for _ in range(args.steps):
    numbers = random.choices(range(args.documents), k=args.batch)
    labels = torch.tensor([number % 2 for number in numbers], device=args.device)
    loss = nn.functional.cross_entropy(model(numbers), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
