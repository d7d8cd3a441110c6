"""Epochs over tensors with the usual loop: train, then look at held-out data, which takes a little while."""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train(model, loader, criterion, optimizer, device):
    model.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        yield loss


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--rows", type=int, default=12_800)
    args = parser.parse_args()
    torch.set_float32_matmul_precision("high")
    x = torch.randn(args.rows, 128)
    y = x[:, :10].argmax(1)
    loader = DataLoader(TensorDataset(x[1000:], y[1000:]), batch_size=args.batch, shuffle=True)
    model = nn.Sequential(
        nn.Linear(128, args.width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(args.width, args.width), nn.ReLU()
    ).append(nn.Linear(args.width, 10))
    model.to(args.device)
    held_x, held_y = x[:1000].to(args.device), y[:1000].to(args.device)
    criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=1e-3)
    steps = 0
    for epoch in range(1, 1_000_000):
        for loss in train(model, loader, criterion, optimizer, args.device):
            steps += 1
            if steps == args.steps:
                return
        print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {evaluate(model, held_x, held_y):.3f}")


if __name__ == "__main__":
    main()
