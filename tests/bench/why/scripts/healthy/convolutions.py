"""A small residual network for images, fed by a DataLoader with workers, evaluated now and then."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    """Bytes that are there already: nothing to decode."""

    def __init__(self, count, size):
        self.pixels = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8)

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        return self.pixels[index], index % 10


class Residual(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.one = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.two = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(outside) for _ in range(2))
        self.short = nn.Conv2d(inside, outside, 1, stride, bias=False)

    def forward(self, x):
        return F.relu(self.norms[1](self.two(F.relu(self.norms[0](self.one(x))))) + self.short(x))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    cuda = args.device == "cuda"

    loader = DataLoader(
        Pictures(64 * args.batch, args.size),
        batch_size=args.batch,
        shuffle=True,
        num_workers=args.workers,
        persistent_workers=args.workers > 0,
        pin_memory=cuda,
    )
    w = args.width
    model = nn.Sequential(
        Residual(3, w, 1), Residual(w, 2 * w, 2), Residual(2 * w, 4 * w, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ).append(nn.Linear(4 * w, 10))
    model.to(args.device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=1000)
    step = 0
    while step < args.steps:
        for images, labels in loader:
            images = images.to(args.device, non_blocking=True).float().div_(255)
            labels = labels.to(args.device, non_blocking=True)
            with torch.autocast(args.device, torch.bfloat16, enabled=cuda):
                loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step >= args.steps:
                break


if __name__ == "__main__":
    main()
