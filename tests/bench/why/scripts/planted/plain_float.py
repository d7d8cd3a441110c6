"""A transformer encoder in float32, at PyTorch's default precision of matrix products."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--fixed", action="store_true", help="bfloat16 by autocast")
args = parser.parse_args()

layer = nn.TransformerEncoderLayer(args.width, 16, 4 * args.width, dropout=0.0, batch_first=True, norm_first=True)
model = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False).to(args.device)
head = nn.Linear(args.width, 1000).to(args.device)
optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=1e-4)
tokens = torch.randn(args.batch, 512, args.width, device=args.device)
labels = torch.randint(0, 1000, (args.batch,), device=args.device)

for step in range(args.steps):
    with torch.autocast(args.device, torch.bfloat16, enabled=args.fixed):
        loss = nn.functional.cross_entropy(head(model(tokens).mean(1)), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
