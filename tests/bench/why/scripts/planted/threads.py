"""Settings of a large server, on whatever machine this is: sixty-four threads."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--threads", type=int, default=64)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

if not args.fixed:
    torch.set_num_threads(args.threads)

net = nn.Sequential(nn.Linear(256, 512), nn.GELU(), nn.Linear(512, 512), nn.GELU(), nn.Linear(512, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
x, y = torch.randn(512, 256), torch.randint(0, 10, (512,))


def train_step():
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
    return loss


for i in range(args.steps):
    loss = train_step()
    if i % 1000 == 0:
        print(f"{i} {loss:.3f}")
