"""Keeps every batch's features of the validation for a plot that nobody draws."""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

encoder = nn.Sequential(nn.Conv1d(8, 32, 5, padding=2), nn.GELU(), nn.Conv1d(32, 32, 5, padding=2)).to(args.device)
optimizer = torch.optim.NAdam(encoder.parameters())
loader = DataLoader(TensorDataset(torch.randn(256, 8, 512)), batch_size=64, shuffle=True)
kept = {}
step = 0
while step < args.steps:
    for (signal,) in loader:
        signal = signal.to(args.device)
        features = encoder(signal)
        loss = features.square().mean() + (features.mean((0, 2)) - 1).square().sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if not args.fixed and step % 8 == 0:
            kept[step] = features
        step += 1
        if step == args.steps:
            break
