"""Classify a stream of images with a trained network, in good batches: an inference loop."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--size", type=int, default=64)
parser.add_argument("--width", type=int, default=32)
args = parser.parse_args()


def stage(inside, outside):
    return [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU(), nn.MaxPool2d(2)]


w = args.width
model = nn.Sequential(*stage(3, w), *stage(w, 2 * w), *stage(2 * w, 4 * w), nn.AdaptiveAvgPool2d(1), nn.Flatten())
model.append(nn.Linear(4 * w, 100))
dtype = torch.bfloat16 if args.device == "cuda" else torch.float32
model = model.to(args.device, dtype, memory_format=torch.channels_last).eval()
counts = torch.zeros(100, dtype=torch.long)


def stream():
    images = torch.rand(args.batch, 3, args.size, args.size, device=args.device, dtype=dtype)
    while True:
        yield images.to(memory_format=torch.channels_last)


with torch.no_grad():
    for step, images in enumerate(stream()):
        if step == args.steps:
            break
        classes = model(images).argmax(1)
        counts += torch.bincount(classes, minlength=100).cpu()
print(counts.max())
