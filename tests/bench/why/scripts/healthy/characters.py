"""A small GPT over characters with AdamW, a schedule, clipping, and gradients of two micro-batches."""

import argparse
import math

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.heads = heads

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(self.ln1(x)).split(c, 2)
        q, k, v = (each.view(b, t, self.heads, -1).transpose(1, 2) for each in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, c))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, block, width, layers):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(block, width)
        self.h = nn.ModuleList(Block(width, max(1, width // 64)) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device))
        for block in self.h:
            x = block(x)
        return F.cross_entropy(self.head(self.ln(x)).flatten(0, 1), targets.flatten())


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=4)
parser.add_argument("--block", type=int, default=64)
parser.add_argument("--width", type=int, default=128)
parser.add_argument("--layers", type=int, default=3)
parser.add_argument("--accumulate", type=int, default=2)
args = parser.parse_args()
cuda = args.device == "cuda"

text = (b"the quick brown fox jumps over the lazy dog. " * 20_000)[: 1 << 19]
data = torch.frombuffer(bytearray(text), dtype=torch.uint8).long().to(args.device)
model = GPT(128, args.block, args.width, args.layers).to(args.device)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), fused=cuda)
reach = torch.arange(args.block + 1, device=args.device)
for step in range(args.steps):
    rate = 3e-4 * min(1, (step + 1) / 100) * (0.55 + 0.45 * math.cos(min(1, step / 5000) * math.pi))
    for group in optimizer.param_groups:
        group["lr"] = rate
    for _ in range(args.accumulate):
        begins = torch.randint(len(data) - args.block - 1, (args.batch, 1), device=args.device)
        chunk = data[begins + reach]
        with torch.autocast(args.device, torch.bfloat16, enabled=cuda):
            loss = model(chunk[:, :-1], chunk[:, 1:]) / args.accumulate
        loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if step % 100 == 0:
        print(f"step {step}: loss {loss.item() * args.accumulate:.3f}", flush=True)
