"""CTC over long utterances with a batch of four: the loss walks along time with one block an utterance."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--frames", type=int, default=6000)
parser.add_argument("--batch", type=int, default=4)
parser.add_argument("--fixed", action="store_true", help="sixteen times as many utterances at once")
args = parser.parse_args()

batch = args.batch * (16 if args.fixed else 1)
model = nn.Sequential(nn.Linear(40, 128), nn.ReLU(), nn.Linear(128, 64), nn.LogSoftmax(-1)).to(args.device)
ctc = nn.CTCLoss(zero_infinity=True)
optimizer = torch.optim.Adam(model.parameters())
sound = torch.randn(args.frames, batch, 40, device=args.device)
spoken = torch.randint(1, 64, (batch, 500), device=args.device)
lengths = torch.full((batch,), args.frames), torch.full((batch,), 500)
for _ in range(args.steps):
    loss = ctc(model(sound), spoken, *lengths)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
