"""Data-parallel training of a wide layer with a handful of rows a rank."""

import argparse
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--rows", type=int, default=8)
parser.add_argument("--fixed", action="store_true", help="ranks exchange every sixteenth step only")
args = parser.parse_args()

cuda = args.device == "cuda"
devices = torch.cuda.device_count() if cuda else 0
local, world = int(os.environ["LOCAL_RANK"]), int(os.environ["WORLD_SIZE"])
device = torch.device("cuda", local % devices) if cuda else torch.device("cpu")
if cuda:
    torch.cuda.set_device(device)
else:
    torch.set_num_threads(1)
dist.init_process_group("nccl" if devices >= world else "gloo")

net = nn.Sequential(*[nn.Linear(args.width, args.width) for _ in range(6)]).to(device)
model = DDP(net)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
x = torch.randn(args.rows, args.width, device=device)
for step in range(args.steps):
    optimizer.zero_grad()
    if args.fixed and step % 16:
        with model.no_sync():
            model(x).square().mean().backward()
    else:
        model(x).square().mean().backward()
    optimizer.step()
dist.destroy_process_group()
