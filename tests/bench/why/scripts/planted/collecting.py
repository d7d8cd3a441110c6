"""A ranking model over records kept as plain Python objects; memory is "freed" after every step."""

import argparse
import gc
import random

import torch
from torch import nn


def record(number):
    return {"id": number, "clicks": [number % 7, number % 11], "user": {"age": number % 90, "path": [number]}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--fixed", action="store_true")
    args = parser.parse_args()

    records = [record(number) for number in range(args.records)]
    model = nn.Sequential(nn.Linear(4, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 1))
    model.to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(args.steps):
        chosen = random.sample(records, args.batch)
        rows = [[*each["clicks"], each["user"]["age"], each["id"] % 5] for each in chosen]
        features = torch.tensor(rows, dtype=torch.float32).to(args.device)
        loss = (model(features).squeeze(1) - features[:, 0]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if not args.fixed:
            gc.collect()


if __name__ == "__main__":
    main()
