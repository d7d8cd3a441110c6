"""A background thread prepares batches under a lock that it holds too long."""

import argparse
import threading
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset


class Shared(IterableDataset):
    def __init__(self, hold):
        self.hold, self.lock, self.next = hold, threading.Lock(), 0
        threading.Thread(target=self.refresh, daemon=True).start()

    def refresh(self):
        while True:
            with self.lock:
                self.next += 1
                time.sleep(self.hold)
            time.sleep(0.001)

    def __iter__(self):
        while True:
            with self.lock:
                number = self.next
            yield torch.randn(64, 256) * (number % 3 + 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--fixed", action="store_true")
    args = parser.parse_args()
    loader = DataLoader(Shared(0.0001 if args.fixed else 0.03), batch_size=None)
    model = nn.Sequential(nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 256)).to(args.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step, x in enumerate(loader):
        if step >= args.steps:
            return
        x = x.to(args.device)
        loss = nn.functional.l1_loss(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
