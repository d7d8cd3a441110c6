"""An autoencoder that writes a checkpoint, with everything in it, every few seconds."""

import argparse
import tempfile
from pathlib import Path

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--batch", type=int, default=256)
parser.add_argument("--every", type=int, default=50)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.set_float32_matmul_precision("high")


class Autoencoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width // 2))
        self.decode = nn.Sequential(nn.Linear(width // 2, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, x):
        return self.decode(self.encode(x))


model = Autoencoder(args.width).to(args.device)
average = [torch.zeros(8 * args.width, args.width, device=args.device) for _ in range(16)]
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(args.batch, args.width, device=args.device)
with tempfile.TemporaryDirectory() as folder:
    for step in range(1, args.steps + 1):
        loss = nn.functional.mse_loss(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % args.every == 0 and not args.fixed:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "average": average}
            torch.save(state, Path(folder) / "last.pt")
