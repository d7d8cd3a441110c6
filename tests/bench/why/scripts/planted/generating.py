"""A decoder-only transformer with a cache, which answers prompts: `generate` as Hugging Face has it."""

import argparse

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.RMSNorm(width) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x, past):
        b, t, c = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        x = x + self.out(mixed.transpose(1, 2).reshape(b, t, c))
        return x + self.down(functional.silu(self.up(self.norms[1](x)))), (k, v)


class Decoder(nn.Module):
    def __init__(self, width, layers, vocabulary=8192):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(Block(width, width // 64) for _ in range(layers))
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, ids, past=None):
        x, new = self.tokens(ids), []
        for number, block in enumerate(self.blocks):
            x, kept = block(x, past[number] if past else None)
            new.append(kept)
        return self.head(x[:, -1]), new

    @torch.no_grad()
    def generate(self, ids, max_new_tokens):
        logits, past = self(ids)
        for _ in range(max_new_tokens - 1):
            new = logits.argmax(-1, keepdim=True)
            ids = torch.cat((ids, new), 1)
            logits, past = self(new, past)
        return torch.cat((ids, logits.argmax(-1, keepdim=True)), 1)


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--layers", type=int, default=4)
parser.add_argument("--prompt", type=int, default=64)
parser.add_argument("--new", type=int, default=32)
args = parser.parse_args()
dtype = torch.bfloat16 if args.device == "cuda" else torch.float32
with torch.device(args.device):
    model = Decoder(args.width, args.layers).to(dtype).eval()
for _ in range(args.steps):
    prompt = torch.randint(0, 8192, (args.batch, args.prompt), device=args.device)
    text = model.generate(prompt, args.new).tolist()
