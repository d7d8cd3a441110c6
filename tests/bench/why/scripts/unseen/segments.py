"""An image-to-image network in float32 with the precision of products and convolutions set to exact."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()
torch.backends.cudnn.allow_tf32 = args.fixed


def double(inside, outside):
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1), nn.ReLU(), nn.Conv2d(outside, outside, 3, padding=1), nn.ReLU()
    )


class UNet(nn.Module):
    def __init__(self, w=96):
        super().__init__()
        self.down, self.bottom, self.up = double(3, w), double(w, 4 * w), double(5 * w, w)
        self.out = nn.Conv2d(w, 4, 1)

    def forward(self, x):
        a = self.down(x)
        b = nn.functional.interpolate(self.bottom(nn.functional.max_pool2d(a, 2)), scale_factor=2)
        return self.out(self.up(torch.cat((a, b), 1)))


model = UNet().to(args.device)
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(args.batch, 3, 128, 128, device=args.device)
y = torch.randint(0, 4, (args.batch, 128, 128), device=args.device)
for _ in range(args.steps):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
