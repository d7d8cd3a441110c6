"""A variational autoencoder, compiled, with GradScaler and autocast where there is a GPU."""

import argparse

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=256)
parser.add_argument("--width", type=int, default=784)
args = parser.parse_args()
cuda = args.device == "cuda"


class VAE(nn.Module):
    def __init__(self, width, hidden, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(width, hidden), nn.SiLU(), nn.Linear(hidden, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, width))

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
        return binary_cross_entropy_with_logits(self.decoder(z).float(), x, reduction="mean") * 100 + divergence


model = VAE(args.width, 2 * args.width, 64).to(args.device)
step_of = torch.compile(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
scaler = torch.amp.GradScaler(args.device, enabled=cuda)
x = torch.rand(args.batch, args.width, device=args.device)
for step in range(args.steps):
    with torch.autocast(args.device, torch.float16, enabled=cuda):
        loss = step_of(x)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad()
    if step % 200 == 0:
        print(f"{step:6d} {loss.item():.2f}")
