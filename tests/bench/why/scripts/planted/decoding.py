"""Train a small classifier on compressed images that are decoded when they are asked for."""

import argparse
import zlib

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Images(Dataset):
    def __init__(self, count, decoded=False):
        generator = torch.Generator().manual_seed(0)
        self.files = []
        for _ in range(count):
            pixels = torch.randint(0, 256, (3, 64, 64), dtype=torch.uint8, generator=generator)
            self.files.append(zlib.compress(pixels.numpy().tobytes(), 6))
        self.decoded = [self.decode(file) for file in self.files] if decoded else None

    def decode(self, file):
        pixels = torch.frombuffer(bytearray(zlib.decompress(file)), dtype=torch.uint8).view(3, 64, 64)
        image = pixels.float().div_(255)
        for _ in range(3):
            image = nn.functional.avg_pool2d(image, 3, stride=1, padding=1)
        return (image - image.mean()) / (image.std() + 1e-5)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return (self.decoded[index] if self.decoded else self.decode(self.files[index])), index % 10


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--fixed", action="store_true")
    args = parser.parse_args()

    loader = DataLoader(Images(256, decoded=args.fixed), batch_size=args.batch, shuffle=True, drop_last=True)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 5, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(256, 10)
    ).to(args.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    step = 0
    while True:
        for images, labels in loader:
            loss = nn.functional.cross_entropy(model(images.to(args.device)), labels.to(args.device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step == args.steps:
                return


if __name__ == "__main__":
    main()
