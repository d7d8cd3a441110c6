"""Boolean masks and `nonzero` in the forward: shapes that only the device knows."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--tokens", type=int, default=8192)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.backends.cuda.matmul.allow_tf32 = True


class Routed(nn.Module):
    def __init__(self, width, experts):
        super().__init__()
        self.gate = nn.Linear(width, experts)
        self.experts = nn.ModuleList(nn.Linear(width, width) for _ in range(experts))

    def forward(self, x):
        choice = self.gate(x).argmax(-1)
        out = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            if args.fixed:
                out = out + expert(x) * (choice == number).unsqueeze(-1)
            else:
                rows = (choice == number).nonzero().squeeze(1)
                if rows.numel():
                    out = out.index_add(0, rows, expert(x[rows]))
        return x + out


model = nn.Sequential(*[Routed(args.width, 8) for _ in range(4)]).to(args.device)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=args.device == "cuda")
x = torch.randn(args.tokens, args.width, device=args.device)
for _ in range(args.steps):
    loss = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
