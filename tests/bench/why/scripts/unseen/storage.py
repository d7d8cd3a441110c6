"""Samples come from slow storage: each read takes its time."""

import argparse
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Remote(Dataset):
    def __init__(self, delay):
        self.delay = delay

    def __len__(self):
        return 10_000

    def __getitem__(self, index):
        time.sleep(self.delay)
        return torch.full((128,), index / 10_000), torch.tensor(index % 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fixed", action="store_true")
    args = parser.parse_args()
    data = Remote(0 if args.fixed else 0.004)
    loader = DataLoader(data, batch_size=32, num_workers=args.workers, persistent_workers=args.workers > 0)
    model = nn.Sequential(nn.Linear(128, 512), nn.ReLU(), nn.Linear(512, 3)).to(args.device)
    optimizer = torch.optim.AdamW(model.parameters())
    left = args.steps
    while left:
        for x, y in loader:
            loss = nn.functional.cross_entropy(model(x.to(args.device)), y.to(args.device))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            left -= 1
            if not left:
                break


if __name__ == "__main__":
    main()
