"""A sequence model whose context grows by what it has seen, without an end."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--chunk", type=int, default=16)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

attention = nn.MultiheadAttention(args.width, 4, batch_first=True).to(args.device)
optimizer = torch.optim.Adam(attention.parameters(), lr=1e-4)
context = torch.zeros(8, 16, args.width, device=args.device)
for _ in range(args.steps):
    new = torch.randn(8, args.chunk, args.width, device=args.device)
    context = torch.cat((context, new), dim=1)
    if args.fixed:
        context = context[:, -256:]
    out, _ = attention(new, context, context, need_weights=False)
    loss = (out - new).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
