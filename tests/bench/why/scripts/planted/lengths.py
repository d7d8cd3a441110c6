"""A compiled tagger over sentences of any length, with the limit of recompilations raised because of a warning."""

import argparse
import random

import torch
import torch._dynamo
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--backend", default="aot_eager")
parser.add_argument("--fixed", action="store_true", help="padded to one length")
args = parser.parse_args()

torch._dynamo.config.cache_size_limit = 100_000
torch._dynamo.config.accumulated_cache_size_limit = 100_000


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(5000, 64)
        self.body = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.LayerNorm(64))
        self.tags = nn.Linear(64, 17)

    def forward(self, words):
        x = self.words(words)
        return self.tags(x + self.body(x))


model = Tagger().to(args.device)
compiled = torch.compile(model, backend=args.backend, dynamic=False)
optimizer = torch.optim.Adam(model.parameters())
random.seed(1)
for step in range(args.steps):
    length = 1024 if args.fixed else random.randint(16, 8000)
    words = torch.randint(0, 5000, (2, length), device=args.device)
    logits = compiled(words)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), (words % 17).flatten())
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
