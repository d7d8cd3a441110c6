"""Sentences are tokenized by a generator in plain Python, while the model waits."""

import argparse
import random
import re

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

WORDS = [f"w{number}" for number in range(2000)]
PIECES = {f"w{number}": number + 1 for number in range(2000)}


def tokenize(sentence):
    tokens = []
    for word in re.findall(r"[a-z]\d+|[^\s]", sentence.lower()):
        for end in range(len(word), 0, -1):
            if word[:end] in PIECES:
                tokens.append(PIECES[word[:end]])
                break
    return tokens


def batches(size, length):
    random.seed(0)
    corpus = [" ".join(random.choices(WORDS, k=length)) for _ in range(512)]
    ready = [tokenize(sentence) for sentence in corpus] if args.fixed else None
    while True:
        chosen = random.choices(range(len(corpus)), k=size)
        yield torch.tensor([ready[index] if ready else tokenize(corpus[index]) for index in chosen])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(2048, 128)
        self.classify = nn.Linear(128, 4)

    def forward(self, ids):
        return self.classify(self.embed(ids))


model = Bag().to(args.device)
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
for step, ids in enumerate(batches(32, 256)):
    if step == args.steps:
        break
    ids = ids.to(args.device)
    optimizer.zero_grad()
    criterion(model(ids), ids[:, 0] % 4).backward()
    optimizer.step()
