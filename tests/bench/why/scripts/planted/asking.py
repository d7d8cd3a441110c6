"""A service that writes each question by itself, in plain Python, before it asks its model."""

import argparse
import random

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

model = nn.Sequential(nn.Embedding(256, 64), nn.Flatten(), nn.Linear(64 * 256, 128), nn.ReLU(), nn.Linear(128, 8))
model.to(args.device).eval()
LETTERS = "abcdefghijklmnopqrstuvwxyz "


def question():
    text = ""
    while len(text) < 256:
        word = "".join(random.choice(LETTERS) for _ in range(random.randint(2, 9)))
        if " " not in word and len(set(word)) > 3:
            text += word.strip() + " "
    return list(text[:256].encode())


ready = [question() for _ in range(32)]
with torch.inference_mode():
    for _ in range(args.steps):
        rows = ready if args.fixed else [question() for _ in range(32)]
        scores = model(torch.tensor(rows, device=args.device)).softmax(-1).tolist()
